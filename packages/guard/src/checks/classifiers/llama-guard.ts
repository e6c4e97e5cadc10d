/**
 * Llama Guard 3 and 4, by their own prompt.
 *
 * Source: Meta, "Llama Guard 3" and "Llama Guard 4", model cards and prompt formats: 4 uses the tokens of Llama 4 around
 * the same text. Written from these; not run against the models.
 * @module
 */
import type { Decision } from "@nightlight/core"
import type { Check, CheckContext, Signal } from "../check.ts"
import { type ClassifierOptions, classifier, limitsOf } from "./classifier.ts"
import { complete } from "./completion.ts"
import { neutral } from "./neutral.ts"
import { askAll, piecesOf } from "./pieces.ts"
import { malformed } from "./remote/service.ts"

/** What {@link createLlamaGuard} takes. */
export interface LlamaGuardOptions extends ClassifierOptions {
  readonly model: string
  readonly version: 3 | 4
  /** What a category leads to, by its code; one that is not named is recorded and changes nothing. */
  readonly rules: readonly { readonly category: string; readonly decision: Decision; readonly shadow?: boolean }[]
}

const CATEGORIES = [
  ...["Violent Crimes", "Non-Violent Crimes", "Sex Crimes", "Child Exploitation", "Defamation", "Specialized Advice"],
  ...["Privacy", "Intellectual Property", "Indiscriminate Weapons", "Hate", "Self-Harm", "Sexual Content", "Elections"],
  "Code Interpreter Abuse",
]

/** Codes of its categories: `S1` to `S14`. */
export const LLAMA_GUARD_CODES: readonly string[] = CATEGORIES.map((_, at) => `S${at + 1}`)

/** Makes the check. */
export function createLlamaGuard(options: LlamaGuardOptions): Check {
  const { name, service, path, model, version, rules, atOnce = 4 } = options
  return classifier(options, ["text"], async (items, { direction }, signal) => {
    const found = await askAll(piecesOf(items, limitsOf(options)), atOnce, async ({ text, item }) => {
      const prompt = llamaGuardPrompt(version, direction, text)
      const stop = [version === 3 ? "<|eot_id|>" : "<|eot|>"]
      const codes = parseAssessment(await complete(service, { path, model, prompt, maxTokens: 64, stop }, signal))
      return codes.map((code): Signal => {
        const rule = rules.find(({ category }) => category === code)
        return {
          ...{ check: name, rule: code, category: code, item, decision: rule?.decision ?? "clear" },
          ...(rule?.shadow === true && { shadow: true }),
        }
      })
    })
    return { signals: found.flat(), screened: true }
  })
}

/** The prompt, up to where the model begins. */
export function llamaGuardPrompt(version: 3 | 4, direction: CheckContext["direction"], content: string): string {
  const role = direction === "input" ? "User" : "Agent"
  const header = (who: string) =>
    version === 3 ? `<|start_header_id|>${who}<|end_header_id|>\n\n` : `<|header_start|>${who}<|header_end|>\n\n`
  const categories = CATEGORIES.map((category, at) => `S${at + 1}: ${category}.`).join("\n")
  return `<|begin_of_text|>${header("user")}Task: Check if there is unsafe content in '${role}' messages in conversations according to our safety policy with the below categories.

<BEGIN UNSAFE CONTENT CATEGORIES>
${categories}
<END UNSAFE CONTENT CATEGORIES>

<BEGIN CONVERSATION>

${role}: ${neutral(content)}

<END CONVERSATION>

Provide your safety assessment for ONLY THE LAST ${role} message in the above conversation:
- First line must read 'safe' or 'unsafe'.
- If unsafe, a second line must include a comma-separated list of violated categories.${version === 3 ? "<|eot_id|>" : "<|eot|>"}${header("assistant")}`
}

/** Reads `safe`, or `unsafe` with its codes. @throws {DependencyError} `answer_malformed` for anything else. */
export function parseAssessment(said: string): string[] {
  const text = said.replace(/<\|eot(?:_id)?\|>$/, "").trim()
  if (text === "safe") return []
  const codes = /^unsafe\s*\n\s*(S\d{1,2}(?:\s*,\s*S\d{1,2})*)$/.exec(text)?.[1]?.split(/\s*,\s*/)
  if (codes === undefined || codes.some((code) => !LLAMA_GUARD_CODES.includes(code))) throw malformed("assessment")
  return [...new Set(codes)]
}
