import { join, normalize } from "node:path"
import { describe, expect, it } from "vitest"
import {
  eagerSpecifiersOf,
  filesOf,
  manifestOf,
  packageNames,
  read,
  specifiersOf,
  withoutComments,
} from "./support/source-tree.ts"

/** Packages of the floors below the services. */
const ENGINES: readonly string[] = [
  "pdq",
  "cybertipline",
  "core",
  "contract",
  "durable",
  "patterns",
  "decoder",
  "egress",
  "screening",
  "exchanges",
  "vault",
  "provenance",
]

/** Which workspace packages each package may import; ARCHITECTURE.md says why. A new package is a new row. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  pdq: [],
  cybertipline: [],
  core: [],
  contract: ["core"],
  durable: ["core"],
  patterns: [],
  decoder: ["pdq", "core"],
  egress: ["core"],
  screening: ["pdq", "core", "durable", "decoder"],
  exchanges: ["core", "egress"],
  vault: ["core", "durable"],
  provenance: ["core"],
  dataset: ["core", "contract", "durable", "pdq", "screening", "vault"],
  guard: ["core", "contract", "durable", "patterns", "egress", "screening", "provenance", "vault"],
  stress: ["core", "contract", "screening"],
  launcher: ["core", "durable"],
  conformance: ["core", "contract"],
  custodian: ["core", "contract", "durable", "decoder", "vault", "cybertipline"],
  server: ENGINES,
  console: ["contract"],
  demo: ["cybertipline", "core", "contract", "pdq", "durable", "dataset", "custodian", "guard"],
  cli: [...ENGINES, "dataset", "guard", "conformance", "stress", "launcher", "custodian", "server", "console", "demo"],
}

/** Rows for packages that are planned and not written yet: whoever adds one finds its floor, and takes it from here. */
const PLANNED = ["stress"]

/** Packages that run in a browser as they are: no Node module, no Node global. */
const BROWSER_SAFE = ["core", "contract"]

const SCOPE = "@nightlight/"
const MAX_LINES = 400

/**
 * Support for tests and benches stands beside the floors: it may import anything, and no package's sources import it.
 */
const DEV_ENV = "dev-env"

const sourcesOf = (name: string) => filesOf(`packages/${name}/src/**/*.{ts,tsx}`)

describe.each(packageNames.filter((name) => name !== DEV_ENV))("packages/%s", (name) => {
  const manifest = manifestOf(`packages/${name}`)
  const allowed = MAY_IMPORT[name] ?? []

  it("has a row in the table of floors", () => {
    expect(Object.keys(MAY_IMPORT)).toContain(name)
    expect(manifest.name).toBe(SCOPE + name)
  })

  it("lists no workspace package that its floor may not import", () => {
    const listed = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
      .filter((dependency) => dependency.startsWith(SCOPE))
      .map((dependency) => dependency.slice(SCOPE.length))
    expect(listed.filter((dependency) => !allowed.includes(dependency))).toEqual([])
  })

  it("imports only what it lists, through exported doors, and nothing of a neighbour's folder", () => {
    const listed = Object.keys({
      ...manifest.dependencies,
      ...manifest.optionalDependencies,
      ...manifest.peerDependencies,
    })
    const breaches = sourcesOf(name).flatMap((file) =>
      specifiersOf(read(file))
        .filter((specifier) => !isAllowed(specifier, { name, file, listed }))
        .map((specifier) => `${file}: ${specifier}`),
    )
    expect(breaches).toEqual([])
  })

  it("pins every dependency exactly and names the oldest Node it runs on", () => {
    const versions = Object.values({ ...manifest.dependencies, ...manifest.devDependencies })
    expect(versions.filter((version) => !/^\d+\.\d+\.\d+(?:-r\.\d+)?$/.test(version))).toEqual([])
    expect(manifest.engines).toEqual({ node: ">=22.19" })
  })

  it("has an index that only re-exports, by name", () => {
    const rest = withoutComments(read(`packages/${name}/src/index.ts`)).replace(
      /export (type )?(\{[^}]*\} from "[^"]+"|\{\})/g,
      "",
    )
    expect(rest.trim()).toBe("")
  })

  it("documents every export", () => {
    const bare = sourcesOf(name).flatMap((file) => undocumentedExports(read(file)).map((line) => `${file}: ${line}`))
    expect(bare).toEqual([])
  })
})

it("has a row of the table of floors for nothing but a package, or one that is planned and not there yet", () => {
  expect(Object.keys(MAY_IMPORT).filter((name) => !packageNames.includes(name))).toEqual(PLANNED)
  const named = new Set(Object.values(MAY_IMPORT).flat())
  expect([...named].filter((name) => !(name in MAY_IMPORT))).toEqual([])
})

describe("what tests share", () => {
  const importers = filesOf("packages/*/test/**/*.{ts,tsx}", "packages/dev-env/src/**/*.ts", "{tests,bench}/**/*.ts")

  it("stands in a private package that is never built", () => {
    expect(manifestOf(`packages/${DEV_ENV}`)).toMatchObject({ private: true, exports: { "./*": "./src/*.ts" } })
  })

  it("is imported by no package's sources", () => {
    const sources = filesOf("packages/*/{src,bin,scripts}/**/*.{ts,tsx,js,mjs}").filter((file) => !isDevEnv(file))
    expect(sources.filter((file) => namedBy(file).some(isDevEnv))).toEqual([])
  })

  it("is imported by tests instead of another package's tests", () => {
    const breaches = importers.flatMap((file) =>
      namedBy(file)
        .filter((target) => testsOf(target) !== undefined && testsOf(target) !== testsOf(file))
        .map((target) => `${file}: ${target}`),
    )
    expect(importers.length).toBeGreaterThan(0)
    expect(breaches).toEqual([])
  })

  it("is used by tests of two packages, or by what is", () => {
    const users = new Map<string, Set<string>>()
    for (const file of importers) {
      for (const target of namedBy(file).filter(isDevEnv)) {
        users.set(target, (users.get(target) ?? new Set()).add(isDevEnv(file) ? DEV_ENV : topOf(file)))
      }
    }
    const isShared = (file: string) => (users.get(file)?.size ?? 0) > 1 || users.get(file)?.has(DEV_ENV) === true
    const entries = filesOf("packages/dev-env/src/**/*.ts").filter((file) => !isShared(file))
    expect(entries).toEqual([])
  })

  it("documents every export", () => {
    const bare = sourcesOf(DEV_ENV).flatMap((file) => undocumentedExports(read(file)).map((line) => `${file}: ${line}`))
    expect(bare).toEqual([])
  })
})

const isDevEnv = (file: string) => file.startsWith(`packages/${DEV_ENV}/`)

/** The repository's files that a file names: by import, by URL, or by another string that is a relative path. */
function namedBy(file: string): string[] {
  const source = read(file)
  const relative = [...withoutComments(source).matchAll(/["'](\.\.?\/[^"'\n]+)["']/g)].map((match) =>
    normalize(join(file, "..", match[1] ?? "")),
  )
  const shared = specifiersOf(source)
    .filter((specifier) => specifier.startsWith(`${SCOPE}${DEV_ENV}/`))
    .map((specifier) => `packages/${DEV_ENV}/src/${specifier.slice(`${SCOPE}${DEV_ENV}/`.length)}.ts`)
  return [...new Set([...relative, ...shared])]
}

/** Whose file it is: a package's, or of `tests/` or `bench/`. */
const topOf = (file: string) => /^(?:packages\/[^/]+|tests|bench)(?=\/)/.exec(file)?.[0] ?? ""

/** Whose tests a file belongs to; undefined of any other file. */
const testsOf = (file: string) => (/^packages\/[^/]+\/test\/|^tests\/|^bench\//.test(file) ? topOf(file) : undefined)

interface Importer {
  readonly name: string
  readonly file: string
  readonly listed: readonly string[]
}

function isAllowed(specifier: string, { name, file, listed }: Importer): boolean {
  if (specifier.startsWith("node:")) return true
  if (specifier.startsWith(".")) {
    return normalize(join(file, "..", specifier)).startsWith(`packages/${name}/`)
  }
  if (specifier.startsWith("#")) return true
  const parts = specifier.split("/")
  const dependency = specifier.startsWith("@") ? parts.slice(0, 2).join("/") : (parts[0] ?? "")
  if (!dependency.startsWith(SCOPE)) return listed.includes(dependency)
  const door = `.${specifier.slice(dependency.length)}`
  const neighbour = dependency.slice(SCOPE.length)
  // A package may name its own worker or child by its exported door.
  const isListed = listed.includes(dependency) || neighbour === name
  return isListed && door in (manifestOf(`packages/${neighbour}`).exports ?? {})
}

/** First lines of exported declarations with no doc comment right above; overloads share one, a plain constant's name is enough. */
function undocumentedExports(source: string): string[] {
  const lines = source.split("\n")
  const documented = new Set<string>()
  const bare: string[] = []
  for (const [index, line] of lines.entries()) {
    const declared =
      /^export (?:declare )?(?:async )?(?:abstract )?(?:function\*?|class|interface|type|const|let) (\w+)/.exec(line)
    const name = declared?.[1]
    if (name === undefined || documented.has(name) || /^export const [A-Z_0-9]+ = [\d"_ *]/.test(line)) continue
    const above = lines[index - 1]?.trim() ?? ""
    if (above.endsWith("*/")) documented.add(name)
    else bare.push(line)
  }
  return bare
}

it.each(BROWSER_SAFE.filter((name) => packageNames.includes(name)))("keeps %s safe for a browser", (name) => {
  const breaches = sourcesOf(name).filter((file) => {
    const source = read(file)
    return (
      specifiersOf(source).some((specifier) => specifier.startsWith("node:")) ||
      /\b(?:Buffer|process|__dirname|setImmediate)\b\s*[.(]/.test(withoutComments(source))
    )
  })
  expect(breaches).toEqual([])
})

it("loads an engine only when a command runs: the command line itself needs core and contract alone", () => {
  const seen = new Set<string>()
  const loaded = new Set<string>()
  const follow = (file: string) => {
    if (seen.has(file)) return
    seen.add(file)
    for (const specifier of eagerSpecifiersOf(read(file))) {
      if (specifier.startsWith(".")) follow(normalize(join(file, "..", specifier)))
      else if (specifier.startsWith(SCOPE)) loaded.add(specifier)
    }
  }
  follow("packages/cli/src/main.ts")
  expect(seen.size).toBeGreaterThan(1)
  expect([...loaded].filter((name) => ![`${SCOPE}core`, `${SCOPE}contract`].includes(name))).toEqual([])
})

it(`keeps every file within ${MAX_LINES} lines`, () => {
  const files = filesOf(
    "packages/*/{src,test,bin,scripts,assembly}/**/*.{ts,tsx,js,mjs}",
    "{tests,scripts,bench}/**/*.{ts,mjs}",
  )
  const long = files.map((file) => [file, read(file).split("\n").length - 1] as const)
  expect(files.length).toBeGreaterThan(0)
  expect(long.filter(([, lines]) => lines > MAX_LINES)).toEqual([])
})

describe("what npm installs", () => {
  interface Locked {
    readonly version?: string
    readonly resolved?: string
    readonly link?: boolean
    readonly hasInstallScript?: boolean
  }
  const locked = Object.entries(
    (JSON.parse(read("package-lock.json")) as { packages: Record<string, Locked> }).packages,
  )
  const isForeign = ([path, { link }]: readonly [string, Locked]) => path.includes("node_modules/") && link !== true

  it("runs no install script that nobody allowed", () => {
    const allowed = Object.entries(manifestOf(".").allowScripts ?? {}).map(([name]) => name)
    const scripted = locked
      .filter(([, { hasInstallScript }]) => hasInstallScript === true)
      .map(([path]) => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length))
    expect(scripted.filter((name) => !allowed.includes(name))).toEqual([])
  })

  it("comes from whichever registry npm is set to: the lock file names no host", () => {
    expect(locked.filter(isForeign).filter(([, { resolved }]) => resolved !== undefined)).toEqual([])
  })

  it("is pinned exactly at the root", () => {
    const { devDependencies, optionalDependencies } = manifestOf(".")
    const versions = Object.values({ ...devDependencies, ...optionalDependencies })
    expect(versions.filter((version) => !/^\d+\.\d+\.\d+(?:-r\.\d+)?$/.test(version))).toEqual([])
  })
})

describe("the checks themselves", () => {
  it("see every way to name a module", () => {
    const source = `import a, { b } from "x"\nimport {\n  c,\n} from 'y'\nimport "z"\nexport * from "w"
const d = await import("v")\nconst e = import.meta.resolve("u")\n// import f from "not"\n/* export * from "nor" */`
    expect(specifiersOf(source).sort()).toEqual(["u", "v", "w", "x", "y", "z"])
  })

  it("see an export without a doc comment", () => {
    const source = `/** Has one. */\nexport function a() {}\n\nexport async function b() {}\nexport interface C {}\n`
    expect(undocumentedExports(source)).toEqual(["export async function b() {}", "export interface C {}"])
  })

  it("see a neighbour's folder, an unlisted package and a door that is not exported", () => {
    const importer = { name: "vault", file: "packages/vault/src/seal.ts", listed: ["@nightlight/core"] }
    expect(isAllowed("../../core/src/clock.ts", importer)).toBe(false)
    expect(isAllowed("sharp", importer)).toBe(false)
    expect(isAllowed("@nightlight/pdq", importer)).toBe(false)
    expect(isAllowed("@nightlight/core/src/clock.ts", importer)).toBe(false)
    expect(isAllowed("@nightlight/core", importer)).toBe(true)
    expect(isAllowed("./open.ts", importer)).toBe(true)
  })
})
