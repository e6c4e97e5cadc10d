/**
 * Makes a check from a classifier's configuration.
 * @module
 */
import { resolve } from "node:path"
import { compact, RequestError } from "@nightlight/core"
import { createOperatorEgress } from "@nightlight/egress"
import { type ReadText, readText } from "../../files/config-files.ts"
import type { Check } from "../check.ts"
import type { ClassifierOptions } from "./classifier.ts"
import { defaultPath } from "./completion.ts"
import type { ClassifierConfig } from "./config.ts"
import { createHttpDetector, type Template } from "./http-detector.ts"
import { createLlamaGuard } from "./llama-guard.ts"
import { createModeration } from "./moderation.ts"
import { createRemoteService } from "./remote/service.ts"
import { createSafeguard } from "./safeguard.ts"

const MAX_POLICY_CHARS = 200_000

/**
 * Makes the check; paths of the files that it reads are relative to `dir`.
 *
 * @throws {RequestError} `config_invalid` or `input_invalid`.
 */
export async function buildClassifier(
  config: ClassifierConfig,
  dir: string,
  stage = 0,
  read: ReadText = readText,
): Promise<{ readonly check: Check; readonly files: readonly string[] }> {
  const keyFile = config.keyFile === null ? undefined : resolve(dir, config.keyFile)
  const key = keyFile === undefined ? undefined : await readKey(keyFile, config.name, read)
  const policyFile = config.kind === "safeguard" ? resolve(dir, config.policyFile) : undefined
  const policy = policyFile === undefined ? "" : await readPolicy(policyFile, config.name, read)
  const options = optionsOf(config, stage, key)
  return {
    check: make(config, options, policy),
    files: [keyFile, policyFile].filter((file) => file !== undefined),
  }
}

function optionsOf(config: ClassifierConfig, stage: number, key: string | undefined): ClassifierOptions {
  const { name, directions, deadlineSeconds, failOpen, maxChars, overlapChars, maxPieces, remember } = config
  const { origin, region, contractReference, timeoutSeconds, maxBytes } = config.egress
  const entry = { origin, region, contractReference, timeoutMs: timeoutSeconds * 1000, maxBytes }
  return compact({
    name,
    directions,
    stage,
    path: config.path ?? defaultPath("api" in config ? config.api : "completions"),
    deadlineMs: deadlineSeconds * 1000,
    openUntil: failOpen !== null ? failOpen.until : undefined,
    pieces: { maxChars, overlapChars, maxPieces },
    cleared: { entries: remember.entries, lifetimeMs: remember.minutes * 60_000 },
    service: createRemoteService(
      compact({
        egress: createOperatorEgress(entry),
        retries: config.retries,
        breaker: { failures: config.breakerFailures, openMs: config.breakerSeconds * 1000 },
        headers: key === undefined ? undefined : { authorization: `Bearer ${key}` },
      }),
    ),
  })
}

function make(config: ClassifierConfig, options: ClassifierOptions, policy: string): Check {
  switch (config.kind) {
    case "moderation": {
      const { model, rules, images, imagesBasis } = config
      const basis = compact({ imagesUntil: imagesBasis?.until })
      return createModeration({ ...options, ...basis, model, rules, images })
    }
    case "safeguard": {
      const { model, api, answer, effort, categories, decision, shadow } = config
      return createSafeguard({ ...options, model, api, policy, answer, effort, categories, decision, shadow })
    }
    case "llama-guard": {
      const { model, api, version, rules } = config
      return createLlamaGuard({ ...options, model, api, version, rules })
    }
    case "http-detector": {
      const { media, ask, request, rules, labels, list, expect } = config
      const answer = compact({
        labels,
        expect,
        list: list !== null ? list : undefined,
      })
      return createHttpDetector({ ...options, media, ask, request: request as Template, rules, answer })
    }
    default:
      return config satisfies never
  }
}

async function readKey(path: string, name: string, read: ReadText): Promise<string> {
  const key = (await read(path).catch(() => "")).trim()
  if (/^[\x21-\x7e]{1,4096}$/.test(key)) return key
  throw new RequestError("config_invalid", `the key file of ${name} cannot be read, or holds no key`)
}

async function readPolicy(path: string, name: string, read: ReadText): Promise<string> {
  const policy = (await read(path).catch(() => "")).trim()
  if (policy !== "" && policy.length <= MAX_POLICY_CHARS) return policy
  throw new RequestError("config_invalid", `the policy of ${name} cannot be read, is empty or is too long`)
}
