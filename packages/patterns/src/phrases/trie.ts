/** A tree of phrases; nodes are numbered breadth first, and 0 is the root. */
export interface Trie {
  readonly depth: Uint16Array
  /** The unit that leads to a node. */
  readonly unit: Uint16Array
  readonly parent: Int32Array
  /** Children of `n` are `childFrom[n]` to `childFrom[n + 1]`, in ascending order of their units. */
  readonly childFrom: Int32Array
  /** Phrases that end at `n` are `out[outFrom[n]]` to `out[outFrom[n + 1]]`. */
  readonly outFrom: Int32Array
  readonly out: Int32Array
}

/** Builds the tree from sorted phrases, each of which branches off the previous one. */
export function buildTrie(phrases: readonly Uint16Array[]): Trie {
  const order = phrases
    .map((_, index) => index)
    .sort((a, b) => compare(phrases[a] as Uint16Array, phrases[b] as Uint16Array))
  const total = phrases.reduce((sum, { length }) => sum + length, 1)
  const first = { parent: new Int32Array(total), unit: new Uint16Array(total), depth: new Uint16Array(total) }
  const ends = new Int32Array(phrases.length)
  const path: number[] = [0]
  let nodes = 1
  let before: Uint16Array = new Uint16Array(0)
  for (const node of order) {
    const phrase = phrases[node] as Uint16Array
    let shared = 0
    while (shared < before.length && before[shared] === phrase[shared]) shared++
    path.length = shared + 1
    for (let i = shared; i < phrase.length; i++) {
      first.parent[nodes] = path[i] as number
      first.unit[nodes] = phrase[i] as number
      first.depth[nodes] = i + 1
      path.push(nodes++)
    }
    ends[node] = path[phrase.length] as number
    before = phrase
  }
  return renumber(first, nodes, ends)
}

type First = Pick<Trie, "parent" | "unit" | "depth">

/** Renumbers nodes from depth first to breadth first: a stable counting sort by depth keeps siblings together. */
function renumber(first: First, nodes: number, ends: Int32Array): Trie {
  const deepest = first.depth.subarray(0, nodes).reduce((max, depth) => Math.max(max, depth), 0)
  const places = new Int32Array(deepest + 2)
  for (let node = 0; node < nodes; node++) bump(places, (first.depth[node] as number) + 1, 1)
  for (let depth = 0; depth <= deepest; depth++) bump(places, depth + 1, places[depth] as number)
  const renamed = new Int32Array(nodes)
  for (let node = 0; node < nodes; node++) renamed[node] = bump(places, first.depth[node] as number, 1)
  const parent = new Int32Array(nodes)
  const unit = new Uint16Array(nodes)
  const depth = new Uint16Array(nodes)
  for (let node = 0; node < nodes; node++) {
    const name = renamed[node] as number
    parent[name] = renamed[first.parent[node] as number] as number
    unit[name] = first.unit[node] as number
    depth[name] = first.depth[node] as number
  }
  const childFrom = new Int32Array(nodes + 1)
  const outFrom = new Int32Array(nodes + 1)
  for (let node = 1; node < nodes; node++) bump(childFrom, (parent[node] as number) + 1, 1)
  for (const end of ends) bump(outFrom, (renamed[end] as number) + 1, 1)
  childFrom[0] = Math.min(1, nodes)
  for (let node = 0; node < nodes; node++) {
    bump(childFrom, node + 1, childFrom[node] as number)
    bump(outFrom, node + 1, outFrom[node] as number)
  }
  const out = new Int32Array(ends.length)
  const filled = outFrom.slice()
  for (const [phrase, end] of ends.entries()) out[bump(filled, renamed[end] as number, 1)] = phrase
  return { depth, unit, parent, childFrom, outFrom, out }
}

/** Adds to a cell. @returns its previous value. */
function bump(counts: Int32Array, offset: number, by: number): number {
  const before = counts[offset] as number
  counts[offset] = before + by
  return before
}

function compare(a: Uint16Array, b: Uint16Array): number {
  const shorter = Math.min(a.length, b.length)
  for (let i = 0; i < shorter; i++) {
    const difference = (a[i] as number) - (b[i] as number)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}
