/**
 * Reads an operator's list of rules: YAML, or NDJSON where it is long.
 * @module
 */
import { parseStrictJsonText, RequestError } from "@nightlight/core"
import { type ReadText, readText } from "../../files/config-files.ts"
import { readYaml } from "../../files/read-yaml.ts"
import { PatternsFile, PatternsLine } from "./config.ts"
import type { PatternRule } from "./rules.ts"

const MAX_BYTES = 128 * 1024 * 1024

/**
 * Reads a list of rules.
 *
 * @param name - the operator's name for it. Messages use it; they name keys and lines and repeat no value.
 * @throws {RequestError} `config_invalid`.
 */
export async function readPatternRules(
  path: string,
  name: string,
  read: ReadText = readText,
): Promise<readonly PatternRule[]> {
  if (!/\.(?:ndjson|jsonl)$/i.test(path)) {
    const { rules } = await readYaml(path, name, PatternsFile, read)
    if (new Set(rules.map((rule) => rule.name)).size < rules.length) throw bad(name, "two rules have the same name")
    return rules
  }
  const text = await read(path).catch(() => {
    throw new RequestError("config_invalid", `${name} cannot be read`)
  })
  if (text.length > MAX_BYTES) throw bad(name, "the file is too large")
  return parseLines(text, name)
}

interface GrowingRule extends PatternRule {
  readonly phrases: string[]
  readonly patterns: string[]
}

function parseLines(text: string, name: string): readonly PatternRule[] {
  const rules = new Map<string, { readonly settings: string; readonly rule: GrowingRule }>()
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue
    const { rule: ruleName, phrase, pattern, ...settings } = parseLine(line, index, name)
    const said = JSON.stringify(settings)
    const known = rules.get(ruleName) ?? {
      settings: said,
      rule: { name: ruleName, ...settings, phrases: [], patterns: [] },
    }
    if (known.settings !== said) throw bad(name, `line ${index + 1} contradicts an earlier line of the same rule`)
    rules.set(ruleName, known)
    if (phrase !== undefined) known.rule.phrases.push(phrase)
    if (pattern !== undefined) known.rule.patterns.push(pattern)
  }
  if (rules.size === 0) throw bad(name, "it contains no rule")
  if (rules.size > 1_000) throw bad(name, "it contains more than 1,000 rules")
  return Array.from(rules.values(), ({ rule }) => rule)
}

function parseLine(line: string, offset: number, name: string): PatternsLine {
  try {
    return PatternsLine.parse(parseStrictJsonText(line))
  } catch {
    throw bad(name, `line ${offset + 1} is not a rule with a phrase or a pattern`)
  }
}

function bad(name: string, problem: string): RequestError {
  return new RequestError("config_invalid", `${name} is not usable: ${problem}`, {
    hint: "docs/guides/guard-checks.md shows the form.",
  })
}
