// A flat scan of 256-bit hashes in plain C++, with the population count of the processor, as FAISS's flat binary index
// does with AVX2. What the index is measured against; its answers must be the index's.
//
// flat-scan HASHES QUERIES RADIUS: prints microseconds a query, then query, row and distance of every match.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <vector>

static std::vector<uint64_t> read(const char* path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  std::vector<uint64_t> words(size_t(file.tellg()) / 8);
  file.seekg(0);
  file.read(reinterpret_cast<char*>(words.data()), std::streamsize(words.size() * 8));
  return words;
}

struct Match {
  size_t query, row;
  int distance;
};

int main(int count, char** arguments) {
  if (count != 4) return 2;
  const std::vector<uint64_t> hashes = read(arguments[1]), queries = read(arguments[2]);
  const int radius = std::atoi(arguments[3]);
  std::vector<Match> matches;
  const auto started = std::chrono::steady_clock::now();
  for (size_t query = 0; query < queries.size() / 4; query++) {
    const uint64_t* q = &queries[4 * query];
    for (size_t row = 0; row < hashes.size() / 4; row++) {
      const uint64_t* h = &hashes[4 * row];
      const int distance = __builtin_popcountll(h[0] ^ q[0]) + __builtin_popcountll(h[1] ^ q[1]) +
                           __builtin_popcountll(h[2] ^ q[2]) + __builtin_popcountll(h[3] ^ q[3]);
      if (distance <= radius) matches.push_back({query, row, distance});
    }
  }
  const std::chrono::duration<double, std::micro> elapsed = std::chrono::steady_clock::now() - started;
  std::printf("%f\n", elapsed.count() / (double(queries.size()) / 4));
  for (const Match& match : matches) std::printf("%zu %zu %d\n", match.query, match.row, match.distance);
}
