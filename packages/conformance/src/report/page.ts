/**
 * The suite's report page: one self-contained file, no script.
 * @module
 */
import { CASE_OUTCOMES, type CaseOutcome, type CaseResult, CONFORMANCE_ENDPOINTS } from "../case/case.ts"
import { PROBLEMS } from "../case/problems.ts"
import type { Finding } from "./findings.ts"
import { type Html, html } from "./html.ts"
import { type ConformanceReport, isSoundReport } from "./report.ts"
import { STYLE } from "./style.ts"

const TITLES: Readonly<Record<CaseOutcome, string>> = {
  leaked: "leaked",
  stopped_otherwise: "stopped another way",
  sound: "sound",
  closed: "closed",
  broken: "broken",
  untested: "untested",
}

/** Renders the page. */
export function renderConformancePage(report: ConformanceReport): string {
  const { cases, notTested, findings, at } = report
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Gateway conformance</title><style>${{ markup: STYLE }}</style></head><body><main>
<p class="soft">nightlight conformance · ${at.slice(0, 16).replace("T", " ")} UTC</p>
<h1>${titleOfPage(report)}</h1>
<p class="lead">${lead(report)}</p>
${report.brokenFamilies.map((family) => html`<p class="stop">Harmless traffic of ${family} does not work: its cases say nothing.</p>`)}
<h2>What was found</h2>
${findings.length === 0 ? html`<p>Nothing.</p>` : findings.map(findingOf)}
<h2>What was tested</h2>
${artifacts(report)}
<h2>By endpoint</h2>
${summary(cases)}
<h2>What was not tested</h2>
<ul>${notTested.map((words) => html`<li>${words}</li>`)}</ul>
<h2>Every case</h2>
${CONFORMANCE_ENDPOINTS.map((endpoint) =>
  table(
    endpoint,
    cases.filter((one) => one.endpoint === endpoint),
  ),
)}
<h2>How it was tested</h2>
<p>The suite played the client and the upstream. It sent and answered harmless traffic with a phrase and a generated picture that the gateway had been told to block, and with a harmless phrase and picture in their place. “Leaked”: what had to be stopped got through. “Stopped another way”: nothing got through, but the refusal or ending is not one of the API, or invites another try. “Sound”: the harmless one passed and the marked one was stopped as the API stops things. “Closed”: neither passed. “Broken”: harmless traffic of that kind does not work, so that nothing was learned. “Untested”: the target has no such endpoint. A full score says that these ways are closed, and nothing about others.</p>
</main></body></html>
`
  return page.markup
}

function titleOfPage(report: ConformanceReport): string {
  const { leaked, stoppedOtherwise, broken, cases } = report
  if (leaked > 0) return `${leaked} of ${cases.length} cases leaked`
  if (broken > 0) return `${broken} of ${cases.length} cases could not be judged`
  if (stoppedOtherwise > 0) return `Nothing leaked; ${stoppedOtherwise} of ${cases.length} cases stopped another way`
  return isSoundReport(report) ? "No way around was found" : "Nothing leaked, and the gateway tells what it blocks"
}

function lead({ leaked, stoppedOtherwise, sound, closed, broken, untested, cases }: ConformanceReport): string {
  return `${cases.length} cases: ${leaked} leaked, ${stoppedOtherwise} were stopped another way, ${sound} are sound, of which ${closed} because nothing passes there at all. ${broken} could not be judged because harmless traffic fails; ${untested} could not be tried.`
}

function findingOf({ kind, problem, cause, cases, reproduction }: Finding): Html {
  return html`<p class="${kind === "leak" ? "stop" : ""}"><b>${cause}</b>: ${PROBLEMS[problem].words}. ${cases.length === 1 ? "One case" : `${cases.length} cases`}, such as ${reproduction.case}.</p>
<details><summary>See it again</summary><pre>${reproduction.upstream} &amp;
${reproduction.request}</pre></details>
`
}

function artifacts({ suite, target, blocksWith }: ConformanceReport): Html {
  const says = Object.entries(target.says)
  return html`<p>Target ${target.url}. It says of itself: ${says.length === 0 ? "nothing" : says.map(([name, value]) => `${name}: ${value}`).join("; ")}. Suite ${suite.version}, ${suite.cases} cases, SHA-256 ${suite.sha256}.${blocksWith.length === 0 ? "" : ` Statuses taken for a block because the caller said so: ${blocksWith.join(", ")}.`}</p>`
}

function summary(cases: readonly CaseResult[]): Html {
  const rows = CONFORMANCE_ENDPOINTS.flatMap((endpoint) =>
    [false, true].flatMap((stream) => {
      const of = cases.filter((one) => one.endpoint === endpoint && one.stream === stream)
      return of.length === 0 ? [] : [{ name: stream ? `${endpoint}, streamed` : endpoint, of }]
    }),
  )
  return html`<table><thead><tr><th>Endpoint</th>${CASE_OUTCOMES.map((outcome) => html`<th class="n">${TITLES[outcome]}</th>`)}</tr></thead><tbody>
${rows.map(
  ({
    name,
    of,
  }) => html`<tr><td>${name}</td>${CASE_OUTCOMES.map((outcome) => html`<td class="n">${of.filter((one) => one.outcome === outcome).length}</td>`)}</tr>
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
  const title = TITLES[one.outcome]
  return one.problems.length === 0 ? html`${title}` : html`<span class="failed">${title}: ${problemsOf(one)}</span>`
}

function problemsOf({ problems }: CaseResult): string {
  return problems.map((problem) => PROBLEMS[problem].words).join("; ")
}
