// PDQ in plain C++, in the order in which Meta's C++ computes it: luma, twice a running mean along every row and then
// down every column, 64x64 centres, cosine transform, median. What our kernels are measured against; its hashes must
// be theirs bit for bit. Compiled with -O3, without fused multiply-add, which would round otherwise.
//
// pdq PICTURES WIDTH HEIGHT ROUNDS: hashes every RGB picture of a file ROUNDS times; prints milliseconds a hash, then
// the hashes.
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <vector>

constexpr int SIDE = 64;
constexpr int TERMS = 16;
using Hash = std::array<uint8_t, 32>;

static int windowOf(int samples) { return (samples + 2 * SIDE - 1) / (2 * SIDE); }

// A running mean: the window grows at the start, slides, and shrinks at the end.
static void box(const float* from, float* to, int samples, int stride) {
  const int window = windowOf(samples);
  const int half = (window + 2) / 2;
  int right = 0, left = 0, out = 0, count = 0;
  const int end = samples * stride;
  float sum = 0;
  for (; count < half - 1; count++, right += stride) sum += from[right];
  for (; count < window; right += stride, out += stride) {
    sum += from[right];
    to[out] = sum / ++count;
  }
  for (; right < end; right += stride, left += stride, out += stride) {
    sum += from[right];
    sum -= from[left];
    to[out] = sum / count;
  }
  for (; out < end; left += stride, out += stride) {
    sum -= from[left];
    to[out] = sum / --count;
  }
}

static const std::array<float, TERMS * SIDE> COSINES = [] {
  std::array<float, TERMS * SIDE> cosines;
  const float scale = std::sqrt(2.0 / SIDE);
  for (int i = 0; i < TERMS; i++)
    for (int j = 0; j < SIDE; j++)
      cosines[i * SIDE + j] = scale * std::cos((M_PI / 2 / SIDE) * (i + 1) * (2 * j + 1));
  return cosines;
}();

static Hash bitsOf(const float* terms) {
  std::array<float, TERMS * TERMS> sorted;
  std::copy(terms, terms + sorted.size(), sorted.begin());
  std::nth_element(sorted.begin(), sorted.begin() + sorted.size() / 2 - 1, sorted.end());
  const float median = sorted[sorted.size() / 2 - 1];
  Hash hash{};
  for (int bit = 0; bit < TERMS * TERMS; bit++)
    if (terms[bit] > median) hash[31 - (bit >> 3)] |= 1 << (bit & 7);
  return hash;
}

static Hash hashOf(const uint8_t* rgb, int width, int height, std::vector<float>& luma, std::vector<float>& other) {
  for (int i = 0; i < width * height; i++)
    luma[i] = 0.299f * rgb[3 * i] + 0.587f * rgb[3 * i + 1] + 0.114f * rgb[3 * i + 2];
  for (int pass = 0; pass < 2; pass++) {
    for (int row = 0; row < height; row++) box(&luma[row * width], &other[row * width], width, 1);
    for (int column = 0; column < width; column++) box(&other[column], &luma[column], height, width);
  }
  float small[SIDE][SIDE];
  for (int i = 0; i < SIDE; i++)
    for (int j = 0; j < SIDE; j++)
      small[i][j] = luma[int((i + 0.5) * height / SIDE) * width + int((j + 0.5) * width / SIDE)];
  float half[TERMS][SIDE];
  float terms[TERMS][TERMS];
  for (int i = 0; i < TERMS; i++)
    for (int j = 0; j < SIDE; j++) {
      float sum = 0;
      for (int k = 0; k < SIDE; k++) sum += COSINES[i * SIDE + k] * small[k][j];
      half[i][j] = sum;
    }
  for (int i = 0; i < TERMS; i++)
    for (int j = 0; j < TERMS; j++) {
      float sum = 0;
      for (int k = 0; k < SIDE; k++) sum += half[i][k] * COSINES[j * SIDE + k];
      terms[i][j] = sum;
    }
  return bitsOf(&terms[0][0]);
}

int main(int count, char** arguments) {
  if (count != 5) return 2;
  std::ifstream file(arguments[1], std::ios::binary);
  const std::vector<uint8_t> pixels{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const int width = std::atoi(arguments[2]), height = std::atoi(arguments[3]), rounds = std::atoi(arguments[4]);
  const size_t bytes = size_t(width) * height * 3;
  const size_t pictures = pixels.size() / bytes;
  std::vector<float> luma(size_t(width) * height), other(luma.size());
  std::vector<Hash> hashes(pictures);
  const auto started = std::chrono::steady_clock::now();
  for (int round = 0; round < rounds; round++)
    for (size_t i = 0; i < pictures; i++) hashes[i] = hashOf(&pixels[i * bytes], width, height, luma, other);
  const std::chrono::duration<double, std::milli> elapsed = std::chrono::steady_clock::now() - started;
  std::printf("%f\n", elapsed.count() / (double(rounds) * pictures));
  for (const Hash& hash : hashes) {
    for (const uint8_t byte : hash) std::printf("%02x", byte);
    std::printf("\n");
  }
}
