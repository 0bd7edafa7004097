// SPDX-License-Identifier: Apache-2.0
#include "index/scaled_ranker.hpp"

#include <algorithm>

#include "index/scan_parts.hpp"
#include "kernels/dispatch.hpp"

namespace hashrec {
namespace {

// The words of all layers, each layer from a word of its own.
std::vector<LayerWord> words_of(const CodeLayers& layers) {
    std::vector<LayerWord> words;
    std::size_t begin = 0;
    for (std::size_t l = 0; l < layers.n_layers; begin += layers.n_bits[l++]) {
        for (std::size_t bit = 0; bit < layers.n_bits[l]; bit += 64) {
            const std::size_t length = std::min<std::size_t>(64, layers.n_bits[l] - bit);
            LayerWord word;
            word.word = (begin + bit) / 64;
            word.shift = static_cast<unsigned>((begin + bit) % 64);
            word.spills = word.shift + length > 64;
            word.mask = length == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << length) - 1;
            words.push_back(word);
        }
    }
    return words;
}

// As many rows as a quarter of the first cache holds, measured: selections need room there too.
std::size_t rows_per_block(std::size_t n_words, std::size_t n_layers, bool with_bias) {
    constexpr std::size_t kBytes = std::size_t{12} << 10, kMostRows = 2048;
    const std::size_t bytes = 8 * (n_words + n_layers + (with_bias ? 1 : 0));
    return std::clamp(kBytes / bytes / kScaledRows * kScaledRows, kScaledRows, kMostRows);
}

}  // namespace

ScaledRanker::ScaledRanker(CodeView queries, const CodeLayers& layers)
    : queries_(queries), layers_(layers), words_(words_of(layers)) {
    for (std::size_t l = 0; l < layers.n_layers; ++l) {
        layer_words_.push_back(static_cast<std::uint32_t>(ratio_up(layers.n_bits[l], 64)));
    }
    stride_ = rows_per_block(words_.size(), layers.n_layers, layers.item_bias != nullptr);
    columns_.resize(words_.size() * stride_);
    scales_.resize(layers.n_layers * stride_);
    bias_.resize(layers.item_bias != nullptr ? stride_ : 0);
    scores_.resize(stride_);
    places_.resize(stride_);
}

std::size_t ScaledRanker::bytes_per_query(const CodeLayers& layers) {
    std::size_t n_words = 0;
    for (std::size_t l = 0; l < layers.n_layers; ++l) n_words += ratio_up(layers.n_bits[l], 64);
    return 8 * (n_words + 2 * layers.n_layers);
}

void ScaledRanker::load(std::span<const std::size_t> queries) {
    const std::size_t n_layers = layers_.n_layers;
    const ScaledKernels& kernels = scaled_kernels();
    n_loaded_ = queries.size();
    query_words_.resize(n_loaded_ * words_.size());
    all_.resize(n_loaded_ * n_layers);
    twice_.resize(n_loaded_ * n_layers);
    for (std::size_t q = 0; q < n_loaded_; ++q) {
        for (std::size_t w = 0; w < words_.size(); ++w) {
            kernels.column(queries_.row(queries[q]), 1, queries_.n_words, words_[w],
                           query_words_.data() + q * words_.size() + w);
        }
        for (std::size_t l = 0; l < n_layers; ++l) {
            const double scale = layers_.query_scales[queries[q] * n_layers + l];
            all_[q * n_layers + l] = scale * static_cast<double>(layers_.n_bits[l]);
            twice_[q * n_layers + l] = 2.0 * scale;
        }
    }
}

void ScaledRanker::lay_out(const RowSource& source, std::size_t row, std::size_t n_rows) {
    const ScaledKernels& kernels = scaled_kernels();
    const std::size_t n_words = queries_.n_words, n_layers = layers_.n_layers;
    for (std::size_t w = 0; w < words_.size(); ++w) {
        kernels.column(source.rows + row * n_words, n_rows, n_words, words_[w],
                       columns_.data() + w * stride_);
    }
    const std::size_t first = source.begin + row * source.stride;
    for (std::size_t l = 0; l < n_layers; ++l) {
        const float* scale = layers_.item_scales + first * n_layers + l;
        double* out = scales_.data() + l * stride_;
        for (std::size_t i = 0; i < n_rows; ++i) out[i] = scale[i * source.stride * n_layers];
    }
    for (std::size_t i = 0; !bias_.empty() && i < n_rows; ++i) {
        bias_[i] = layers_.item_bias[first + i * source.stride];
    }
}

void ScaledRanker::scan(const RowSource& source, std::span<RankedSelection> selections) {
    const ScaledKernels& kernels = scaled_kernels();
    ScaledBlock block{columns_.data(),
                      scales_.data(),
                      bias_.empty() ? nullptr : bias_.data(),
                      layer_words_.data(),
                      layers_.n_layers,
                      0,
                      stride_};
    for (std::size_t row = 0; row < source.n_rows; row += stride_) {
        block.n_rows = std::min(stride_, source.n_rows - row);
        lay_out(source, row, block.n_rows);
        for (std::size_t q = 0; q < n_loaded_; ++q) {
            const ScaledQuery query{query_words_.data() + q * words_.size(),
                                    all_.data() + q * layers_.n_layers,
                                    twice_.data() + q * layers_.n_layers};
            RankedSelection& selection = selections[q];
            // rounding is monotone: a score at or below a float rounds to at most that float
            const auto limit = static_cast<double>(score_below(selection.limit()));
            const std::size_t found =
                kernels.above(query, block, limit, scores_.data(), places_.data());
            for (std::size_t i = 0; i < found; ++i) {
                selection.offer(falling_rank(rounded(scores_[i])),
                                static_cast<std::uint32_t>((row + places_[i]) * source.stride));
            }
        }
    }
}

}  // namespace hashrec
