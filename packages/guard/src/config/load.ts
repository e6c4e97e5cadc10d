/**
 * Loads the configuration, its checks and every file that they name.
 * @module
 */

import { createHash } from "node:crypto"
import { dirname, resolve } from "node:path"
import { compact, RequestError } from "@nightlight/core"
import { ENDPOINTS, SERVED_ENDPOINTS } from "../endpoints/all.ts"
import { coverage, uncovered } from "../engine/coverage.ts"
import { type ReadText, readText } from "../files/config-files.ts"
import { parseGuardYaml } from "../files/read-yaml.ts"
import type { EndpointName, Surface } from "../inspect/surface.ts"
import type { GuardSetup } from "../setup/setup.ts"
import { buildChecks, type CheckMaterial } from "./build-checks.ts"
import { assertBasesInForce, YEAR_MS } from "./classifier-stages.ts"
import { readKeys } from "./keys-file.ts"
import { GuardConfig } from "./schema.ts"

/** A loaded configuration with its checks. */
export interface LoadedConfig {
  readonly config: GuardConfig
  readonly setup: GuardSetup
  /** The key for the upstream, where the configuration has one. */
  readonly upstreamKey?: string
  /** Every file that was read: a change to any of them reloads the configuration. */
  readonly files: readonly string[]
}

/** Reads `guard.yaml`, or its defaults where there is none. @throws {RequestError} `config_invalid`. */
export async function readGuardConfig(
  path: string,
  read: ReadText = readText,
): Promise<{ readonly config: GuardConfig; readonly text: string }> {
  const text = await read(path).catch(() => "version: 1\n")
  return { config: parseGuardYaml(text, "guard.yaml", GuardConfig), text }
}

/**
 * Loads the configuration and makes its checks.
 *
 * @throws {RequestError} `config_invalid`; also for an open surface that no real check covers and no exception in force
 * excuses: the guard does not start.
 */
export async function loadConfig(path: string, material: CheckMaterial, now: Date): Promise<LoadedConfig> {
  const read = material.readText ?? readText
  const { config, text } = await readGuardConfig(path, read)
  const dir = dirname(path)
  const keys = config.keysFile === null ? { keys: [], files: [] } : await readKeys(resolve(dir, config.keysFile), read)
  const { checks, files } = await buildChecks(config.checks, dir, material)
  const known = [...ENDPOINTS, ...SERVED_ENDPOINTS]
  const endpoints = new Set<EndpointName>(config.endpoints ?? known.map(({ name }) => name))
  const missing = [...endpoints].filter((name) => known.every((endpoint) => endpoint.name !== name))
  if (missing.length > 0)
    throw new RequestError("config_invalid", `guard.yaml names endpoints that do not exist: ${missing.join(", ")}`)
  const exceptions = config.exceptions.map((exception) => ({ ...exception, surface: exception.surface as Surface }))
  if (exceptions.some(({ until }) => Date.parse(until) > now.getTime() + YEAR_MS)) {
    throw new RequestError("config_invalid", "an exception of guard.yaml lasts longer than a year")
  }
  assertBasesInForce(config.checks, now)
  const open = uncovered(
    coverage(
      known.filter(({ name }) => endpoints.has(name)),
      checks,
      exceptions,
      now,
    ),
  )
  if (open.length > 0) {
    throw new RequestError("config_invalid", `open surfaces without a real check: ${open.join(", ")}`, {
      hint: "Import a list, add a check for them to guard.yaml, close their endpoints, or record an exception approved by two people.",
    })
  }
  const { holdBack, limits, upstream } = config
  const keyFile = upstream.keyFile === null ? undefined : resolve(dir, upstream.keyFile)
  const upstreamKey = keyFile === undefined ? undefined : await readUpstreamKey(keyFile, read)
  return compact({
    config,
    upstreamKey,
    files: [path, ...keys.files, ...files, ...(keyFile === undefined ? [] : [keyFile])],
    setup: {
      version: createHash("sha256").update(text).digest("hex").slice(0, 12),
      keys: keys.keys,
      endpoints,
      checks,
      exceptions,
      holdBack: {
        mode: holdBack.mode,
        windowChars: holdBack.windowChars,
        firstWindowChars: holdBack.firstWindowChars,
        maxHeldBytes: holdBack.maxHeldBytes,
        maxHeldPictureBytes: holdBack.maxHeldPictureBytes,
        keepAliveMs: holdBack.keepAliveSeconds * 1000,
      },
      limits: {
        maxRequestBytes: limits.requestBytes,
        maxAnswerBytes: limits.answerBytes,
        maxPictureBytes: limits.pictureBytes,
        bodyMs: limits.bodySeconds * 1000,
        upstreamMs: upstream.headersSeconds * 1000,
        idleMs: upstream.idleSeconds * 1000,
        perMinute: limits.perMinute,
        burst: limits.burst,
        maxBodies: limits.concurrentBodies,
        maxBodyBytes: limits.concurrentBytes,
        maxChoices: limits.choices,
      },
      messages: config.messages,
    },
  })
}

async function readUpstreamKey(path: string, read: ReadText): Promise<string> {
  const key = (await read(path).catch(() => "")).trim()
  if (/^[\x21-\x7e]{1,4096}$/.test(key)) return key
  throw new RequestError("config_invalid", "the upstream's key file cannot be read, or holds no key")
}
