import { describe, expect, it } from "vitest"
import { AT_REST, advance, changesAtMs, type Hold, release, shownMsAt, startHold } from "../src/viewing/hold.ts"

const TIMES = { fillMs: 600, showMs: 10_000 }
const after = (hold: Hold, ms: number, isReady = true) => advance(hold, ms, isReady, TIMES)
const showing = () => after(startHold(AT_REST, 1000), 1600)

describe("hold to view", () => {
  it("shows nothing before the ring is full, even if the picture is loaded earlier", () => {
    const held = startHold(AT_REST, 1000)
    expect(after(held, 1599).phase).toBe("filling")
    expect(after(held, 1600).phase).toBe("showing")
  })

  it("shows nothing on a tap", () => {
    const tapped = release(startHold(AT_REST, 1000), 1100)
    expect(after(tapped, 5000)).toMatchObject({ phase: "rest", shownMs: 0 })
  })

  it("waits with a full ring for a slow picture, and shows it if still held", () => {
    const waiting = after(startHold(AT_REST, 1000), 2000, false)
    expect(waiting.phase).toBe("waiting")
    expect(after(waiting, 4000).phase).toBe("showing")
    expect(after(release(waiting, 3000), 4000).phase).toBe("rest")
  })

  it("hides the picture at once on release, and counts the time it was visible", () => {
    expect(release(showing(), 4100)).toEqual({ phase: "rest", sinceMs: 4100, shownMs: 2500 })
  })

  it("hides the picture after ten seconds even if still held, and shows it again only after a release", () => {
    expect(after(showing(), 11_599).phase).toBe("showing")
    const spent = after(showing(), 11_600)
    expect(spent).toMatchObject({ phase: "spent", shownMs: 10_000 })
    expect(startHold(after(spent, 20_000), 20_000).phase).toBe("spent")
    expect(startHold(release(spent, 21_000), 22_000).phase).toBe("filling")
  })

  it("fills the ring again for every hold", () => {
    const again = startHold(release(showing(), 2000), 3000)
    expect(after(again, 3500).phase).toBe("filling")
    expect(after(again, 3600).phase).toBe("showing")
  })

  it("adds up the visible time of all holds", () => {
    const second = after(startHold(release(showing(), 2600), 5000), 5600)
    expect(shownMsAt(second, 7600)).toBe(3000)
    expect(release(second, 8600).shownMs).toBe(4000)
  })

  it("says when the phase next changes by time alone", () => {
    expect(changesAtMs(AT_REST, TIMES)).toBeUndefined()
    expect(changesAtMs(startHold(AT_REST, 1000), TIMES)).toBe(1600)
    expect(changesAtMs(showing(), TIMES)).toBe(11_600)
    expect(changesAtMs(after(startHold(AT_REST, 1000), 2000, false), TIMES)).toBeUndefined()
  })

  it("never counts a negative time when the clock is set back", () => {
    expect(shownMsAt(showing(), 100)).toBe(0)
  })
})
