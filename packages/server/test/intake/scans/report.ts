import type { SharedHunt, SharedPurge, SharedScanReport } from "@nightlight/contract/server"

/** A scan's report as it leaves a workspace. */
export function aReport(changes: Partial<SharedScanReport> = {}): SharedScanReport {
  return {
    version: 1,
    tool: "nightlight 0.1.0",
    scan: "s-000001",
    state: "complete",
    startedAt: "2026-05-01T09:00:00.000Z",
    finishedAt: "2026-05-01T10:00:00.000Z",
    activeSeconds: 3600.5,
    dataset: "d".repeat(64),
    inputs: 1,
    screened: true,
    demo: false,
    coverage: {
      lists: [{ name: "known", trust: "trusted", snapshot: 3, radiusBits: 31, asOf: "2026-04-20", entries: 12_000 }],
      indexVersion: 4,
      policy: { name: "built-in", digest: "0".repeat(64) },
      profile: "fullres",
      kernel: "fast",
      isolation: "bwrap+seccomp",
    },
    custody: { mode: "locate", separated: false },
    totals: { shards: 4, samples: 100, items: 120, bytes: 4096 },
    decisions: { clear: 115, unscreened: 0, inconclusive: 1, review: 1, block: 0, quarantine: 3 },
    withheldSamples: 5,
    remaining: 0,
    unread: { items: 1, bytes: 34, types: { "video/mp4": 1 }, isMost: false },
    causes: { decode_failed: 1 },
    exceptions: {},
    matches: [{ list: "known", trust: "trusted", hashType: "sha256", items: 3 }],
    distances: [3, 0, 1],
    transformations: { upright: 3, "letterbox, flipY": 1 },
    weakMatches: 0,
    flooding: [{ list: "known", entries: 1 }],
    sealed: { withContent: 0, contextOnly: 4 },
    inPlace: { items: 4, test: 0, shards: 2 },
    clean: { samplesDropped: 5, keyCollisions: 0, itemsWritten: 115, bytes: 4000, stale: 0 },
    skipped: { symlink: 2 },
    poison: {},
    failed: {},
    timeline: [{ finishedAt: "2026-05-01T10:00:00.000Z", seconds: 12.5, items: 120 }],
    ...changes,
  }
}

/** A hunt's report as it leaves a workspace: two days after {@link aReport}'s scan it found two more items. */
export function aHunt(changes: Partial<SharedHunt> = {}): SharedHunt {
  return {
    version: 1,
    tool: "nightlight 0.1.0",
    hunt: "h-000001",
    huntedAt: "2026-05-03T10:00:00.000Z",
    indexVersion: 5,
    screened: true,
    lists: [{ name: "known", trust: "trusted", snapshot: 4, radiusBits: 31, asOf: "2026-05-02", entries: 12_500 }],
    datasets: [
      {
        dataset: "d".repeat(64),
        scan: "s-000001",
        fullyScreened: true,
        inPlace: { items: 6, test: 0, shards: 2 },
        allShardsHunted: true,
        newEntries: 500,
        fingerprints: 120,
        items: { quarantine: 2 },
        withdrawn: 0,
        orientations: false,
      },
    ],
    ...changes,
  }
}

/** A purge's receipt as it leaves a workspace: a day after {@link aHunt} all but one item in a broken shard went. */
export function aPurge(changes: Partial<SharedPurge> = {}): SharedPurge {
  return {
    version: 1,
    tool: "nightlight 0.1.0",
    purge: "p-000001",
    scanOrHunt: "h-000001",
    purgedAt: "2026-05-05T10:00:00.000Z",
    copy: false,
    basis: "named",
    itemsKnown: 6,
    itemsRemoved: 5,
    samplesRemoved: 5,
    gone: 0,
    shards: 2,
    failed: { shard_truncated: 1 },
    datasets: [
      { dataset: "d".repeat(64), scan: "s-000001", fullyScreened: true, inPlace: { items: 1, test: 0, shards: 1 } },
    ],
    ...changes,
  }
}
