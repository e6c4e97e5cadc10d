/**
 * The scan's report page: one self-contained file, no pictures, no script, no item's name.
 * @module
 */
import type { ScanReport } from "@nightlight/contract"
import { describeIsolation } from "@nightlight/core"
import { barChart, lineChart } from "./charts.ts"
import { type Html, html } from "./html.ts"
import { rateOverTime } from "./rate.ts"
import { STYLE } from "./style.ts"
import { CAUSE_WORDS, count, DECISION_WORDS, formatCount, WAY_WORDS } from "./words.ts"

/** Renders the report page. */
export function renderReport(report: ScanReport): string {
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Scan ${report.scan}</title><style>${{ markup: STYLE }}</style></head><body><main>
<p class="soft">${report.tool} · scan ${report.scan} · ${report.startedAt.slice(0, 16).replace("T", " ")} UTC</p>
<h1>${title(report)}</h1>
<p class="lead">${lead(report)}</p>
${warnings(report)}
${decisions(report)}
${matches(report)}
${inPlace(report)}
${coverage(report)}
${pace(report)}
${limits(report)}
${proof(report)}
</main></body></html>
`
  return page.markup
}

function found({ decisions }: ScanReport): number {
  return decisions.quarantine + decisions.review + decisions.block
}

function title(report: ScanReport): string {
  if (report.state === "stopped") return "Stopped for a person's review"
  if (report.state === "partial") return "Not finished yet"
  if (!report.screened) return "Unscreened"
  if (report.unread.isMost) return "Most of the input was not looked into"
  return found(report) === 0 ? "Nothing known was found" : `${formatCount(found(report), "item")} matched`
}

function lead(report: ScanReport): string {
  const { totals, clean, screened } = report
  const what = `${formatCount(totals.items, "item")} in ${formatCount(totals.samples, "sample")} from ${formatCount(totals.shards, "shard")} were processed`
  if (!screened)
    return `${what}, but there was no list other than test lists to check them with. Nothing was cleared and no clean copy was written.`
  const copy =
    clean === undefined
      ? "No clean copy was asked for."
      : clean.itemsWritten === 0 && clean.bytes === 0
        ? `Nothing was written to the clean copy; ${formatCount(report.withheldSamples, "sample was", "samples were")} withheld.`
        : `The clean copy contains ${formatCount(clean.itemsWritten, "item")}; ${formatCount(report.withheldSamples, "sample was", "samples were")} withheld.${collisions(clean.keyCollisions)}`
  return `${what}. ${copy}`
}

function collisions(samples: number): string {
  if (samples === 0) return ""
  return ` ${formatCount(samples, "clear sample was", "clear samples were")} left out as well: without a withheld one between, loaders would merge ${samples === 1 ? "it" : "them"} with another of the same key.`
}

function warnings(report: ScanReport): Html {
  const { failed, poison, flooding, custody, demo, unread, remaining, coverage: against } = report
  return html`${demo ? html`<p class="warn">This is the demonstration: the lists contain hashes of generated test pictures.</p>` : undefined}
${unread.isMost ? html`<p class="stop">${mostlyUnread(report)}</p>` : undefined}
${remaining > failed.length ? html`<p class="stop">${formatCount(remaining - failed.length, "shard was", "shards were")} not screened yet. Run the same command again.</p>` : undefined}
${capped(failed, ({ path, code }) => html`<p class="stop">${path} could not be screened (${code}). Run the same command again.</p>`)}
${capped(poison, ({ path, code }) => html`<p class="stop">${path} is broken or hostile (${code}) and was set aside. Nothing of it is in a clean copy: replace or repair it, and run the same command again.</p>`)}
${capped(flooding, ({ list, entry }) => html`<p class="warn">Entry ${entry} of ${list} matched more than 20 different items. A person should look at the list before anything else.</p>`)}
${custody.separated ? undefined : html`<p class="warn">Custody is not separated: the custodian’s key was made in this workspace.</p>`}
${against.isolation === "none" ? html`<p class="warn">The decoder was not isolated: ${describeIsolation("none").does}.</p>` : undefined}`
}

/** Lines of one kind that the page shows; `report.json` holds all. */
const MAX_LINES = 20

/** Draws the first of many, and says how many more there are. */
function capped<T>(values: readonly T[], draw: (value: T) => Html): readonly Html[] {
  const more = values.length - MAX_LINES
  const lines = values.slice(0, MAX_LINES).map(draw)
  return more <= 0 ? lines : [...lines, html`<p class="soft">And ${count(more)} more, in report.json.</p>`]
}

function mostlyUnread({ unread, totals, poison }: ScanReport): string {
  const types = Object.entries(unread.types)
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, MAX_LINES)
    .map(([type, items]) => `${count(items)} ${type}`)
  const what = types.length === 0 ? "" : ` Their types: ${types.join(", ")}.`
  const items = unread.items === 0 ? "" : `${count(unread.items)} of ${formatCount(totals.items, "item")}, `
  const aside = poison.length === 0 ? "" : ` ${formatCount(poison.length, "shard was", "shards were")} set aside.`
  return `Most of the input was not looked into: ${items}${count(unread.bytes)} of ${count(totals.bytes)} bytes. That nothing was found in it means nothing.${aside}${what}`
}

function decisions(report: ScanReport): Html {
  const rows = Object.entries(DECISION_WORDS)
    .map(([name, words]) => ({ name, words, items: report.decisions[name as keyof ScanReport["decisions"]] }))
    .filter(({ items }) => items > 0)
  const causes = Object.entries(report.causes)
  const exceptions = Object.entries(report.exceptions)
  return html`<h2>What was decided</h2>
<table><thead><tr><th class="n">Items</th><th>Decision</th><th>What it means</th></tr></thead><tbody>
${rows.map(({ name, words, items }) => html`<tr><td class="n">${count(items)}</td><td>${name}</td><td>${words}</td></tr>`)}
</tbody></table>
${causes.length === 0 ? undefined : html`<p>Could not be screened: ${causes.map(([cause, items]) => `${count(items)} — ${CAUSE_WORDS[cause] ?? cause}`).join("; ")}.</p>`}
${exceptions.length === 0 ? undefined : html`<p class="warn">Cleared without screening because the policy names their type: ${exceptions.map(([type, items]) => `${count(items)} ${type}`).join(", ")}.</p>`}
<p class="soft">A sample is withheld as a whole: with a picture go its caption and its metadata.</p>`
}

function matches(report: ScanReport): Html | undefined {
  if (report.matches.length === 0) return undefined
  const nearest = report.distances.reduce((sum, items) => sum + items, 0)
  const exact = report.distances[0] ?? 0
  const bars = report.distances.map((value, bits) => ({ label: String(bits), value }))
  const shapes = Object.entries(report.transformations)
    .toSorted(([, a], [, b]) => b - a)
    .map(([label, value]) => ({ label, value }))
  return html`<h2>What matched</h2>
<table><thead><tr><th class="n">Items</th><th>List</th><th>Trust</th><th>Matched by</th></tr></thead><tbody>
${report.matches.map(({ items, list, trust, hashType }) => html`<tr><td class="n">${count(items)}</td><td>${list}</td><td>${trust}</td><td>${WAY_WORDS[hashType]}</td></tr>`)}
</tbody></table>
${nearest === 0 ? undefined : barChart(bars, "PDQ matches by distance in bits", `${count(exact)} of ${count(nearest)} at distance 0; unrelated pictures lie near 128, and matches end at the list’s radius.`)}
${shapes.length === 0 ? undefined : barChart(shapes, "PDQ matches by how the copy was changed", `${shapes.map(({ label, value }) => `${count(value)} ${label}`).join(", ")}.`)}
${report.weakMatches === 0 ? undefined : html`<p class="soft">${formatCount(report.weakMatches, "hit")} came from pictures with too little detail to compare (quality below 50). They are recorded and changed nothing.</p>`}`
}

function inPlace(report: ScanReport): Html {
  const { inPlace: place, sealed, scan, custody } = report
  const kept =
    sealed.withContent > 0
      ? html`<p>${formatCount(sealed.withContent, "item is", "items are")} sealed in the workspace’s evidence. Only the custodian’s or the recovery key opens them.</p>`
      : undefined
  if (place.items === 0) {
    const cards =
      place.test > 0
        ? html`<p>${formatCount(place.test, "test picture")} matched; test pictures are harmless and may stay.</p>`
        : undefined
    return html`<h2>Still in the source</h2><p>No item of a real list is known to be in the source.</p>${cards}${kept}`
  }
  return html`<h2>Still in the source</h2>
<p class="stop">${formatCount(place.items, "known item is", "known items are")} still in the source. Do not open, copy or send them.</p>
<table><thead><tr><th class="n">Items</th><th>Shard</th></tr></thead><tbody>
${place.shards.slice(0, MAX_LINES).map(({ path, items }) => html`<tr><td class="n">${count(items)}</td><td><code>${path}</code></td></tr>`)}
</tbody></table>
${place.shards.length <= MAX_LINES ? undefined : html`<p class="soft">And ${formatCount(place.shards.length - MAX_LINES, "more shard")}, in report.json.</p>`}
<p>Tell the person responsible for reports in your organisation, and counsel. A US provider reports apparent child sexual abuse material to NCMEC’s CyberTipline as soon as reasonably possible. Custody is “${custody.mode}”${custody.mode === "locate" ? ": no copy was kept" : ""}. When the items are sealed, reported, or ordered gone, remove them with</p>
<pre>nightlight purge ${scan} --basis "who decided, and why"</pre>${kept}`
}

function coverage(report: ScanReport): Html {
  const { coverage: against, skipped, clean } = report
  const aside = Object.entries(skipped)
  return html`<h2>Lists it was checked against</h2>
<table><thead><tr><th>List</th><th>Trust</th><th class="n">Entries</th><th class="n">Radius</th><th class="n">Version</th><th>As of</th></tr></thead><tbody>
${against.lists.map(({ name, trust, entries, radiusBits, snapshot, asOf }) => html`<tr><td>${name}</td><td>${trust}</td><td class="n">${count(entries)}</td><td class="n">${radiusBits}</td><td class="n">${snapshot}</td><td>${asOf ?? "not stated by the source"}</td></tr>`)}
</tbody></table>
<p>Policy “${against.policy.name}” <code>${against.policy.digest.slice(0, 16)}</code>, PDQ profile ${against.profile}, ${against.kernel} kernel, index ${against.indexVersion}. Every picture was looked up in all eight orientations and, where bars at its edges were recognised, with the bars cut off.</p>
${aside.length === 0 ? undefined : html`<p>Not read, and so not in the clean copy: ${aside.map(([reason, items]) => `${count(items)} ${reason}`).join(", ")}.</p>`}
${clean === undefined || clean.stale.length === 0 ? undefined : html`<p>Left out of the clean copy because they describe samples that are gone:</p><ul>${capped(clean.stale, (path) => html`<li><code>${path}</code></li>`)}</ul>`}`
}

function pace(report: ScanReport): Html | undefined {
  const points = rateOverTime(report.timeline)
  if (points.length === 0) return undefined
  const rate = Math.round(report.totals.items / Math.max(report.activeSeconds, 0.001))
  return html`<h2>Speed</h2>${lineChart(points, "Items per second over time", {
    x: `${report.activeSeconds.toFixed(1)} seconds of work`,
    y: "items per second",
    words: `${count(rate)} items per second on average over ${report.activeSeconds.toFixed(1)} seconds of work.`,
  })}`
}

function limits(report: ScanReport): Html {
  const video = report.causes["media_unsupported"] ?? 0
  return html`<h2>What this does not show</h2><ul>
<li>A hash list finds what someone has seen before. New material is not on any list.</li>
<li>Perceptual hashes find most copies that were re-encoded, resized, mirrored, turned by quarters or put between bars; cuts of a few hundredths, other rotations, larger logos and heavy edits evade them. docs/reference/what-is-found.md gives the measured rates.</li>
<li>WebP, GIF, JPEG and some TIFF files carry no checksum: a changed one can decode without a warning to a picture that no longer matches, and still show it.</li>
<li>Pictures that stand in texts and metadata were matched like others; else both were matched by digest only, and nothing was read for meaning.</li>
${video === 0 ? undefined : html`<li>${formatCount(video, "item")} of types that cannot be screened yet were withheld.</li>`}
</ul>`
}

function proof(report: ScanReport): Html {
  return html`<h2>How to check this</h2>
<p>Each shard has a signed receipt beside this page, in <code>receipts/</code>; every figure here is added up from them. The log and the sealed evidence prove themselves:</p>
<pre>nightlight audit verify
nightlight evidence verify</pre>
<p class="soft">Scan ${report.scan}, ${formatCount(report.totals.shards, "receipt")}, finished ${report.finishedAt}.</p>`
}
