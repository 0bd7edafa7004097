# SPDX-License-Identifier: Apache-2.0
"""What the pages of published tables say: protocol, and what cannot be compared and why."""

SRLOSS = """\
**Protocol.** Gowalla as LightGCN ships it, 29,858 users, 40,981 items, 1,027,370 pairs: the
counts of the paper. Pairs are split 8:1:1 at random with seed 0. All items are ranked but those of
the user's training part (at test, of the validation part too); every held-out pair is relevant,
NDCG is binary and divided by the ideal of min(k, held-out items). Settings by Recall@50 on
validation.

**What is not comparable.**
- The paper prints neither the seed of its split nor how its baselines were tuned.
- BGCH and BiGeaR count bits per layer of the graph (3 x 256 in the authors' code). Here 64 bits are
  the whole code, which is how the table of the paper reads.
- The authors of HashGNN rank 500 candidates by codes and rerank them by real vectors. Ours is the
  ranking by codes alone.
- The code of BGCH divides NDCG by the ideal of the hits found, which is higher, and picks its best
  epoch on test data. `hits-N` is that metric, for comparison with numbers published so; the paper
  does not say which one its table has. BGCH's entries have four decimals where others have five.
- The printed NDCG is high for its recall: N@50 is .65 of R@50 for the proposed method and .66 for
  BGCH. `wdcf` has .47 here, and .58 on the 80/20 split in circulation, whose users have twice as
  many test items (defaults, seed 0: R@50 .253, N@50 .148). So NDCG may have another normaliser,
  or the split another share; recall is the safer column.
- Yelp2018 of the paper (31,831 users, 40,841 items) is an older edition than the one in
  circulation (31,668 and 38,048), so that half of the table cannot be made again.
- `wdcf` is this package's own method; nothing is published about it.

**What was found.** On a processor, without a graphics card, a quarter of an hour of one core.
- SRLoss reaches the published recall (.244 against .231 at 50, .334 against .314 at 100) and not
  the published NDCG, which may have another normaliser (above). Its settings were found on the
  training and validation pairs of 6,000 users: the temperature of score differences (1 at 64 bits
  in the paper, 4 here: .28 against at best .23 of Recall@50), the weight of the penalty, three
  layers and a running mean of the parameters.
- HashRec and HashGNN are above their published recall. BGCH is below, with its
  defaults; it was not tuned on Gowalla, and our 64 bits are shared by its three layers.
- `wdcf` is .04 above SRLoss in Recall@50, in a fifteenth of its time.
- One seed each but for `wdcf`, so differences of .005 mean nothing.
"""

CCSR = """\
**Protocol.** MovieLens-1M without a filter. Of every user's ratings a random fifth is the test
part (seed 0), and a tenth of the others, which the paper does not mention, the validation part.
Only the user's own held-out items are ranked. Settings by NDCG@10 with gain 2^r - 1 on validation.
Methods of explicit feedback learn from ratings, those of implicit feedback from ratings above 3.

**Which relevance.** The paper says neither which items are ranked nor what gain they have. Ranking
all items would give values near the paper's own line for a random choice (.0094, .0091, .0083 at 2,
6, 10, which is the share of test items in the catalogue), so its models ranked test items only, and
the lines "Random" and "Top" of the paper measure something else than its models. Two gains are
possible and both are shown, each beside the same published numbers:
- *gain 2^r - 1*, all held-out items. A random order has .545, .620, .666; the published CF-S (.549
  to .583, .617 to .645, .659 to .684) and CFcodeReg stand at or just above that value, AECF-S at
  and below it.
- *r > 3 against the others*, users without such an item left out. A random order has .630, .672,
  .701: above all published values of CF-S, CFcodeReg and AECF-S. Codes that know nothing would do
  better than they, so this is hardly what was measured.

By either gain only what is clearly above chance means learning, and popularity is a strong
baseline.

**What was found.** NDCG of gain 2^r - 1; chance is .666 at 10 and popularity .762.
- CCSR-S, changed as said below, reaches all published values, at every width and k, by either gain:
  .810 at 10 with 40 bits against .7897.
- Every line is above chance at every k, by either gain; DJSRH and CFcodeReg with few bits only a
  little.
- Above popularity at 10, by either gain: CCSR-S at every width (with 5 bits by .002 of gain
  2^r - 1, less than seeds differ), CCSR-SST from 10 bits on, AECF-S with 40. CF-S, CFcodeReg and
  DJSRH never.
- The annealed tanh of CCSR-SST is better than CCSR-S from 10 bits on (.818 at 40) and level with 5;
  in the paper it is worse at 10 at every width.
- AECF-S, changed as well, is .008 below CCSR-S at 40 bits and .025 to .045 below with fewer, where
  its seeds differ much. In the paper it stands at chance at 40, so the paper's lead over it is not
  found here.

**Where we left the paper.** Values are NDCG@10 on validation of single fits with 40 bits; chance
has .783 there and popularity .841.
- Only rated pairs are learned from. With zeros for all others, as the paper prints, `ccsr` had .844
  (3 epochs of 360 small blocks, without the changes below).
- `ccsr` and `aecf` see outputs through a fixed tanh(2x) in training: .877 for `ccsr` of sharpness
  8, .874 for `aecf`. Without it `ccsr` of sharpness 40 had .815 by signs and .869 by real values,
  and `aecf` .801 (48 large blocks) and .839 (1,080 small ones), with another rate and dropout.
- The weight of balance, 1e-4 of a sum, is 1e-7 of our mean. 1e-4 of it keeps codes of users from
  agreeing, so that they can hardly say what most users like: `ccsr_sst` had .844 in place of .878.
- Dropout is .2 in place of .6 or .8; epochs are few, so that a fit ends within a minute.

**How settings were found.**
- By single fits on validation, nearly all with 40 bits: about thirty for the CCSR lines, four for
  `aecf`, three for `djsrh_sst`; `cf_s` and `cfcodereg` keep their defaults. So CCSR had most care.
- The grids of sharpness and of `user_share` were added after first figures of all four widths, test
  figures included, because 5 bits of CCSR and DJSRH were near chance on both parts. They decide by
  validation alone, but for these lines the test part was measured for two settings, not for one.

**What is not comparable.**
- The split's seed, optimiser, learning rate and batches are not printed.
- The paper's columns ST and C are rankings by real values and are left out: they are no codes.
- CCSR-S with 40 bits is above its own real-valued CCSR-C at every k: single cells are noisy.
- Amazon's data set of the paper is not at hand; Ichiba's is private.
"""

HCFREC = """\
**Protocol.** Users and items with strictly more than 20 ratings, counted once on the raw data, are
kept: ml-100k 911 users, 927 items, 94,113 ratings; ml-1m 5,954, 3,011 and 993,146, which are the
users and items of the paper's table 1. One cut goes through all ratings, 5:2:3; the training half
has 47,056 and 496,573 ratings, the "#ratings" of table 1. Users and items that the training part
never met are dropped. All known items are ranked but those of the user's training part (at test, of
the validation part too), every test rating is relevant, NDCG is binary, and mAP@10 divides by the
number of the user's test items. Settings by nDCG@10 on validation. `dcf` learns from ratings and,
in a second line, from ones and zeros drawn from what the user did not rate; all others learn from
the fact that there is a rating.

**Which split.** The paper says that ratings are sorted by time and divided. Both readings of "one
cut" are measured:
- *time*: what the sentence says. 2,963 test ratings of 95 users remain (ml-100k), 42,493 of 583
  users (ml-1m). Nothing we ran comes near the published values of real-valued methods; of 16
  dimensions, BiVAE is printed with an nDCG@10 of .569, and popularity has .181 here.
- *random*: the same counts, drawn at random (seed 0); 911 and 5,954 test users. Here every nDCG of
  our DPR is within .04 of the printed one, cut in time it is up to .19 below. So this is likely
  what was measured, whatever was sorted before. (Cuts within every user's own ratings do not give
  the printed counts of training ratings.)

**What was found.**
- Split at random, 64 bits: HCFRec reaches all four published values on both data sets (nDCG@10 .426
  against .4158, and .394 against .3895, where the lead is within two standard deviations of the
  seeds).
- Split at random, 16 bits: no published nDCG is reached (nDCG@10 .360 against .3997, and .248
  against .3293); mAP@10 is.
- Cut in time: HCFRec reaches nothing at either width (nDCG@10 at 64 bits .200 and .239).
- Consistent clusters help little at 64 bits, split at random: .004 of nDCG@10 on both data sets, as
  much as seeds differ (published: .031 and .017), and validation on ml-100k has it the other way
  round. At 16 bits HCFRec/no.C is .007 below on ml-100k and .012 above on ml-1m. Cut in time the
  signs differ as well.
- Split at random, `wdcf` is level with HCFRec on ml-100k; on ml-1m it is better by .02 at 64 bits
  and by .05 at 16.
- BiVAE's printed values (.53 to .57 at 10) are not reached on either split; ours has .42 (ml-100k)
  and .27 to .30 (ml-1m) split at random. BiVAEB's are reached or nearly so, split at random.
- BPR is above its published values on ml-100k split at random, and below the published nDCG on
  ml-1m, where its real factors lose to the codes of `wdcf` and HCFRec at 64 dimensions.

**What is not comparable.**
- The paper does not say that unknown users are dropped, nor how ties in time at a cut are divided.
  We divide them by chance, seed 0.
- With 95 test users on ml-100k, cut in time, differences of .03 mean nothing.
- Published mAP@10 is lower than ours at equal nDCG, so its definition may be another one.
- Flow length, hidden sizes and epochs are not printed, nor the settings of the baselines. Those of
  HCFRec and the L2 weight of BPR have no grid below: they were tried one by one on the validation
  part of the random split with seed 0. HCFRec's were tried on both data sets at 64 bits, with one
  setting for both, which is the best tried on ml-1m but not on ml-100k (.235 against .240 on
  validation), and on ml-100k at 16; HCFRec/no.C has the same ones. BPR's weight was tried on
  ml-100k alone, where the largest of .01, .03 and .1 was best. BiVAE and BiVAEB were not tuned.
  `dcf` is given ratings only, so that nothing tells it that unrated items are worse.
- 10M, Clothing, Office and Toys: the paper's sets are not at hand.
- `wdcf` is this package's own method; nothing is published about it. Float rows have as many float
  factors as the others have bits.
"""
