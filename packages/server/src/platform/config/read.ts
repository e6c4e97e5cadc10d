import { readFile } from "node:fs/promises"
import { dirname, isAbsolute, join, resolve } from "node:path"
import { RequestError } from "@nightlight/core"
import { parseYaml } from "@nightlight/core/yaml"
import { ServerConfig } from "./schema.ts"

/** Absolute paths that the configuration names. */
export interface ServerPaths {
  /** Folder of the configuration. */
  readonly configDir: string
  readonly contextKey: string
  readonly digestKey: string
  readonly workspace: string
  readonly custodianSocket: string
  /** Shows, if readable, whether a custodian was ever made. */
  readonly custodianConfig: string
}

/**
 * Reads a configuration.
 *
 * @param text - YAML.
 * @throws {RequestError} `config_invalid`, naming each offending key and its line.
 */
export function parseServerConfig(text: string): ServerConfig {
  const hint = "docs/reference/server-config.md lists every key."
  return parseYaml(text, ServerConfig, { name: "server.yaml", hint })
}

/**
 * Reads the configuration's file and resolves its paths against its folder.
 *
 * @throws {RequestError} `config_invalid`, also if there is no such file.
 */
export async function readServerConfig(
  path: string,
): Promise<{ readonly config: ServerConfig; readonly paths: ServerPaths }> {
  const text = await readFile(path, "utf8").catch(() => {
    throw new RequestError("config_invalid", "the server's configuration cannot be read", {
      hint: "Name server.yaml as the first argument.",
    })
  })
  const config = parseServerConfig(text)
  const resolvePath = (part: string) => (isAbsolute(part) ? part : join(dirname(resolve(path)), part))
  const { contextKey, digestKey, workspace, custodianSocket } = config.paths
  return {
    config,
    paths: {
      configDir: dirname(resolve(path)),
      contextKey: resolvePath(contextKey),
      digestKey: resolvePath(digestKey),
      workspace: resolvePath(workspace),
      custodianSocket: resolvePath(custodianSocket),
      custodianConfig: resolvePath(config.paths.custodianConfig),
    },
  }
}

/** The origins that people's browsers call: those of the configuration, or this machine's with a port. */
export function originsOf({ origins, listen }: ServerConfig, port: number = listen.port): readonly string[] {
  if (origins.length > 0) return origins
  return ["localhost", "127.0.0.1", "[::1]"].map((host) => new URL(`http://${host}:${port}`).origin)
}
