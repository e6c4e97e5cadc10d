import { readFile } from "node:fs/promises"
import { dirname, isAbsolute, join, resolve } from "node:path"
import { RequestError } from "@nightlight/core"
import { type Document, LineCounter, parseDocument, type YAMLParseError } from "yaml"
import { ServerConfig } from "./schema.ts"

/** Absolute paths of what the configuration names. */
export interface ServerPaths {
  /** Folder of the configuration. */
  readonly configDir: string
  readonly contextKey: string
  readonly digestKey: string
  readonly workspace: string
  readonly custodianSocket: string
  /** Tells, where it can be seen, whether a custodian was ever made. */
  readonly custodianConfig: string
}

const CONFIG_BYTES_MAX = 65_536

/**
 * Reads a configuration.
 *
 * @param text - YAML.
 * @throws {RequestError} `config_invalid`, naming each offending key and its line.
 */
export function parseServerConfig(text: string): ServerConfig {
  if (text.length > CONFIG_BYTES_MAX) throw invalid([`the file is larger than ${CONFIG_BYTES_MAX} bytes`])
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true })
  if (document.errors.length > 0) {
    throw invalid(document.errors.map((error) => `line ${lines.linePos(error.pos[0]).line}: ${wordsOf(error)}`))
  }
  const parsed = ServerConfig.safeParse(toPlain(document))
  if (!parsed.success) {
    throw invalid(
      parsed.error.issues.map((issue) => {
        const node = document.getIn(issue.path as (string | number)[], true) as { range?: [number] } | undefined
        const line = node?.range === undefined ? "" : `line ${lines.linePos(node.range[0]).line}: `
        return `${line}${issue.path.join(".") || "file"}: ${issue.message}`
      }),
    )
  }
  return parsed.data
}

/**
 * Reads the configuration's file and resolves the paths in it against its folder.
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
  const at = (part: string) => (isAbsolute(part) ? part : join(dirname(resolve(path)), part))
  const { contextKey, digestKey, workspace, custodianSocket } = config.paths
  return {
    config,
    paths: {
      configDir: dirname(resolve(path)),
      contextKey: at(contextKey),
      digestKey: at(digestKey),
      workspace: at(workspace),
      custodianSocket: at(custodianSocket),
      custodianConfig: at(config.paths.custodianConfig),
    },
  }
}

/** The origins that people's browsers call: those of the configuration, else this machine's under a port. */
export function originsOf({ origins, listen }: ServerConfig, port: number = listen.port): readonly string[] {
  if (origins.length > 0) return origins
  return ["localhost", "127.0.0.1", "[::1]"].map((host) => new URL(`http://${host}:${port}`).origin)
}

/** The parser's own words quote what stands there, which may be a secret. */
function wordsOf({ code }: YAMLParseError): string {
  return code === "DUPLICATE_KEY" ? "this key stands twice" : code.toLowerCase().replaceAll("_", " ")
}

function toPlain(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 })
  } catch {
    throw invalid(["aliases are not followed"])
  }
}

function invalid(problems: readonly string[]): RequestError {
  return new RequestError("config_invalid", `server.yaml is not usable: ${problems.join("; ")}`, {
    hint: "docs/reference/server-config.md lists every key.",
  })
}
