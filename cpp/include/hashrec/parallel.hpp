// SPDX-License-Identifier: Apache-2.0
// The one place that sees OpenMP. Kernels below it are single-threaded and pure.
#pragma once

#include <cstddef>
#include <exception>

#ifdef _OPENMP
#include <omp.h>
#endif

namespace hashrec {

// 0 means "as many as OpenMP would use"; anything else is taken as given.
inline int resolve_threads(int num_threads) {
#ifdef _OPENMP
    return num_threads > 0 ? num_threads : omp_get_max_threads();
#else
    (void)num_threads;
    return 1;
#endif
}

// Calls body(index, thread) for index in [0, count), `chunk` neighbours at a time to one thread.
// The first exception thrown by a body is rethrown here, since none may leave an OpenMP region.
template <class Body>
void parallel_for(std::size_t count, int num_threads, std::size_t chunk, Body&& body) {
    const int threads = resolve_threads(num_threads);
    const std::size_t n_chunks = (count + chunk - 1) / chunk;
    std::exception_ptr failure;
    auto run_chunk = [&](std::size_t c, int thread) {
        const std::size_t stop = (c + 1) * chunk < count ? (c + 1) * chunk : count;
        for (std::size_t index = c * chunk; index < stop; ++index) body(index, thread);
    };
    if (threads <= 1 || n_chunks <= 1) {
        for (std::size_t c = 0; c < n_chunks; ++c) run_chunk(c, 0);
        return;
    }
#ifdef _OPENMP
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
    for (std::size_t c = 0; c < n_chunks; ++c) {
        try {
            run_chunk(c, omp_get_thread_num());
        } catch (...) {
#pragma omp critical(hashrec_failure)
            if (!failure) failure = std::current_exception();
        }
    }
#endif
    if (failure) std::rethrow_exception(failure);
}

}  // namespace hashrec
