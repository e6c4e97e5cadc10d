/**
 * The suite's report page: one self-contained file, no script.
 * @module
 */
import { type CaseOutcome, type CaseResult, CONFORMANCE_ENDPOINTS } from "../case.ts"
import { PROBLEMS } from "../problems.ts"
import type { ConformanceReport } from "../run.ts"
import { type Html, html } from "./html.ts"
import { STYLE } from "./style.ts"

const OUTCOMES: readonly CaseOutcome[] = ["passed", "closed", "failed", "untested"]

/** Renders the page. */
export function renderConformancePage(report: ConformanceReport): string {
  const { failed, cases, untested, at } = report
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Gateway conformance</title><style>${{ markup: STYLE }}</style></head><body><main>
<p class="soft">nightlight conformance · ${at.slice(0, 16).replace("T", " ")} UTC</p>
<h1>${failed === 0 ? "No way around was found" : `${failed} of ${cases.length} cases failed`}</h1>
<p class="lead">${lead(report)}</p>
${failures(cases)}
<h2>By endpoint</h2>
${summary(cases)}
<h2>What was not tested</h2>
<ul>${untested.map((words) => html`<li>${words}</li>`)}</ul>
<h2>Every case</h2>
${CONFORMANCE_ENDPOINTS.map((endpoint) =>
  table(
    endpoint,
    cases.filter((one) => one.endpoint === endpoint),
  ),
)}
<h2>How it was tested</h2>
<p>The suite played the client and the upstream. It sent and answered harmless traffic with a phrase and a generated picture that the gateway had been told to block, and with a harmless phrase and picture in their place. “Closed” means that neither the harmless nor the marked one passed; “untested” that the target has no such endpoint. A full score says that these ways are closed, and nothing about others.</p>
</main></body></html>
`
  return page.markup
}

function lead({ passed, failed, cases }: ConformanceReport): string {
  const closed = cases.filter(({ outcome }) => outcome === "closed").length
  const untested = cases.filter(({ outcome }) => outcome === "untested").length
  return `${cases.length} cases: ${passed} passed, of which ${closed} because nothing passes there at all; ${failed} failed; ${untested} could not be tried.`
}

function failures(cases: readonly CaseResult[]): readonly Html[] {
  return cases
    .filter(({ outcome }) => outcome === "failed")
    .map((one) => html`<p class="stop">${titleOf(one)}: ${problemsOf(one)}.</p>`)
}

function summary(cases: readonly CaseResult[]): Html {
  const rows = CONFORMANCE_ENDPOINTS.flatMap((endpoint) =>
    [false, true].flatMap((stream) => {
      const of = cases.filter((one) => one.endpoint === endpoint && one.stream === stream)
      return of.length === 0 ? [] : [{ name: stream ? `${endpoint}, streamed` : endpoint, of }]
    }),
  )
  return html`<table><thead><tr><th>Endpoint</th>${OUTCOMES.map((outcome) => html`<th class="n">${outcome}</th>`)}</tr></thead><tbody>
${rows.map(
  ({
    name,
    of,
  }) => html`<tr><td>${name}</td>${OUTCOMES.map((outcome) => html`<td class="n">${of.filter((one) => one.outcome === outcome).length}</td>`)}</tr>
`,
)}</tbody></table>`
}

function table(endpoint: string, cases: readonly CaseResult[]): Html {
  if (cases.length === 0) return html``
  return html`<table><thead><tr><th>${endpoint}</th><th>Way</th><th>Stream</th><th>Fault</th><th>Outcome</th></tr></thead><tbody>
${cases.map(
  (
    one,
  ) => html`<tr><td>${one.channel}</td><td>${one.direction}</td><td>${one.stream ? "yes" : "no"}</td><td>${one.fault ?? ""}</td><td>${outcomeOf(one)}</td></tr>
`,
)}</tbody></table>`
}

function outcomeOf(one: CaseResult): Html {
  return one.outcome === "failed" ? html`<span class="failed">failed: ${problemsOf(one)}</span>` : html`${one.outcome}`
}

function titleOf({ endpoint, direction, channel, stream, fault }: CaseResult): string {
  return `${endpoint}, ${direction}, ${channel}${fault === undefined ? "" : `, ${fault}`}${stream ? ", streamed" : ""}`
}

function problemsOf({ problems }: CaseResult): string {
  return problems.map((problem) => PROBLEMS[problem]).join("; ")
}
