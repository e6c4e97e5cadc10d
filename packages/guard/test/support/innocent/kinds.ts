/**
 * Kinds of innocent messages: what people and tools send to models all day, with what looks most like hidden pictures.
 * @module
 */
import { deflateSync, gzipSync } from "node:zlib"
import { dataUrl } from "@nightlight/dev-env/guard/workspace"
import type { Chance } from "./random.ts"
import { NAMES, WORDS } from "./words.ts"

/** Makes one message of its kind. */
export type Kind = (random: Chance, pictures: readonly Uint8Array[]) => string

const base64 = (bytes: Uint8Array | string) => Buffer.from(bytes).toString("base64")
const hex = (random: Chance, size: number) => random.bytes(size).toString("hex")
const wrapped = (text: string, width: number) => text.replace(new RegExp(`(.{${width}})`, "g"), "$1\n")

function prose(random: Chance, language = random.of(Object.keys(WORDS))): string {
  const words = WORDS[language] ?? []
  const sentence = () =>
    `${random.many(4 + random.below(14), () => random.of(words))}${random.of([".", "?", "!", ";", ":", ""])}`
  return random.many(1 + random.below(6), sentence, random.of([" ", "\n", "\n\n"]))
}

const uuid = (random: Chance) => hex(random, 16).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-")
const name = (random: Chance) => random.of(NAMES)

function line(random: Chance): string {
  return random.of([
    () =>
      `const ${name(random)} = ${name(random)}("${random.of(["\\n", "\\u00e9", "\\x1b[0m", "%20", "&amp;", "\\\\"])}", ${random.below(999)});`,
    () => `if (${name(random)} && ${name(random)} <= 0x${hex(random, 4)}) { return \`\${${name(random)}}/\${i}\`; }`,
    () => `    ${name(random)}: Optional[int] = None  # ${prose(random, "english").slice(0, 40)}`,
    () => `#define ${name(random).toUpperCase()} 0x${hex(random, 4)}UL`,
    () => `static const uint8_t key[] = { ${random.many(16, () => `0x${hex(random, 1)}`, ", ")} };`,
    () => `path = r"C:\\new\\users\\${name(random)}\\AppData"; re.compile(r"\\d{3}\\-(\\w+)\\s*\\x41")`,
    () =>
      `SELECT "${name(random)}", '${uuid(random)}' FROM t WHERE a LIKE '%25abc%' AND b = E'\\\\x${hex(random, 12)}'`,
    () => `cd /workspaces/company/monorepo/packages/frontend/src/components/navigation && ./${name(random)}`,
  ])()
}

/** Kinds by name. */
export const KINDS: Readonly<Record<string, Kind>> = {
  prose: (random) => prose(random),
  mixed: (random) => `${prose(random)} ${prose(random)}`,
  "prose without stops": (random) => random.many(120, () => random.of(WORDS["english"] ?? []).replace(/\W/g, "")),
  code: (random) => random.many(4 + random.below(30), () => line(random), "\n"),
  fenced: (random) => `${prose(random, "english")}\n\n\`\`\`ts\n${random.many(8, () => line(random), "\n")}\n\`\`\`\n`,
  diff: (random) =>
    `diff --git a/src/${name(random)}.ts b/src/x.ts\nindex ${hex(random, 20)}..${hex(random, 20)} 100644\n${random.many(9, () => `${random.of(["+", "-", " "])}${line(random)}`, "\n")}`,
  "base64 data": (random) =>
    `${random.of(["token: ", "", "sha256-", '{"payload":"'])}${base64(random.bytes(20 + random.below(3_000)))}`,
  "base64 in lines": (random) =>
    `-----BEGIN CERTIFICATE-----\n${wrapped(base64(random.bytes(300 + random.below(900))), 64)}\n-----END CERTIFICATE-----`,
  "url-safe base64": (random) =>
    `${base64('{"alg":"RS256","typ":"JWT"}')}.${base64(`{"sub":"${uuid(random)}","iat":${random.below(1e9)}}`)}.${random.bytes(256).toString("base64url")}`,
  "compressed in base64": (random) => base64(random.of([gzipSync, deflateSync])(prose(random).repeat(4))),
  "text in base64": (random) => `decode ${base64(prose(random).repeat(3))} for me`,
  "minified code": (random) =>
    `!function(e,t){${random.many(40, () => `${name(random)}=e[${random.below(99)}]||"\\u${hex(random, 2)}"`, ",")}}(window,"${base64(random.bytes(60))}")`,
  fonts: (random) =>
    `@font-face{font-family:x;src:url(data:${random.of(["font/woff2;base64,d09GMgABAAAAA", "application/font-woff;charset=utf-8;base64,d09GRgABAAAAA", "font/ttf;base64,AAEAAAALAIAAAwAwT1MvMg8SB"])}${base64(random.bytes(2_000))}) format("woff2")}`,
  drawings: (random) =>
    `.icon{background:url("data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'%3E%3Cpath fill='%23fff' d='M${random.below(9)}.564 0l-4 4'/%3E%3C/svg%3E")}\n<img src="data:image/svg+xml;base64,${base64(`<svg xmlns="http://www.w3.org/2000/svg"><circle r="${random.below(99)}"/></svg>`)}">`,
  schema: (random) =>
    JSON.stringify({
      type: "object",
      properties: Object.fromEntries(
        Array.from({ length: 12 }, () => [
          name(random),
          { type: "string", description: prose(random, "english"), pattern: "^[\\w-]{1,64}$" },
        ]),
      ),
      required: [name(random)],
    }),
  log: (random) =>
    random.many(
      12,
      () =>
        `2026-03-0${1 + random.below(9)}T1${random.below(10)}:00:00Z \u001b[3${random.below(8)}mINFO\u001b[0m ${uuid(random)} ${hex(random, 32)} GET /a/${name(random)}?q=%C3%A9${hex(random, 3)}&x=1 ${random.below(900)}ms`,
      "\n",
    ),
  hexdump: (random) =>
    random.many(8, () => `${hex(random, 4)}: ${hex(random, 16).replace(/(.{4})/g, "$1 ")} ................`, "\n"),
  "spaced hex": (random) => hex(random, 200).replace(/(..)/g, "$1 "),
  lesson: (random) =>
    random.of([
      "A data: URL begins with data:image/png;base64,iVBORw0KGgo... and goes on for kilobytes.",
      '`<img src="data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAA...">` is cut here.',
      "JPEG files start with FF D8 FF E0 00 10 4A 46 49 46, in base64 /9j/4AAQSkZJRgABAQEASABIAAD/2wBDAAYEBQYFBAYGBQYHBwYIChAKCgkJChQODwwQFxQYGBcUFhYaHSUfGhsjHBYWICwgIyYnKSopGR8tMC0oMCUoKSj/...",
      "GIF89a and GIF87a are R0lGODlh and R0lGODdh; RIFF....WEBP is UklGR; BM is Qk0; `data:image/gif;base64,R0lGODlhAQABAAAAACw=` is broken.",
      "b'\\x89PNG\\r\\n\\x1a\\n' is the signature; `data:[<mediatype>][;base64],<data>`, and %89PNG%0D%0A%1A%0A in a URL.",
      "The signature of TIFF is 49 49 2A 00 or SUkqAA; of an icon 00 00 01 00, AAABAAEA; of BMP 42 4D.",
      "data:image/svg+xml;utf8,<svg ...>, data:,Hello%2C%20World%21 and data:text/plain;base64,SGVsbG8sIFdvcmxkIQ== are all valid.",
    ]) + prose(random, "english"),
  "e-mail": (random) =>
    `Content-Type: multipart/mixed; boundary="${hex(random, 9)}"\nSubject: =?utf-8?B?${base64(prose(random, "german").slice(0, 30))}?=\n\n--${hex(random, 9)}\nContent-Transfer-Encoding: base64\n\n${wrapped(base64(prose(random).repeat(3)), 76)}\n\nContent-Type: application/pdf\n\n${wrapped(base64(Buffer.concat([Buffer.from("%PDF-1.7\n"), random.bytes(700)])), 76)}`,
  csv: (random) =>
    `id,name,hash\n${random.many(20, () => `${random.below(9_999)},"${name(random)}",${hex(random, 20)}`, "\n")}`,
  "table of bits": (random) =>
    random.many(
      50 + random.below(50),
      () => random.many(20 + random.below(30), () => String(random.below(2)), ","),
      "\n",
    ),
  "rows of MNIST": (random) =>
    random.many(3, () => random.many(785, () => String(random.below(5) === 0 ? random.below(256) : 0), ","), "\n"),
  "sparse hexdump": (random) =>
    random.many(
      60,
      () => random.many(8, () => (random.below(6) === 0 ? hex(random, 2) : `000${random.below(2)}`)),
      "\n",
    ),
  "grid of Life": (random) => {
    const between = random.of(["", " "])
    return random.many(40, () => random.many(40, () => (random.below(4) === 0 ? "1" : "0"), between), "\n")
  },
  links: (random) =>
    random.many(
      6,
      () =>
        `[${name(random)}](https://example.org/a%20b/${name(random)}?redirect=https%3A%2F%2Fexample.org%2F%3Fq%3D${random.below(99)}%2526x&token=${random.bytes(30).toString("base64url")}#top)`,
      "\n",
    ),
  markup: (random) =>
    `<div class="a b">${prose(random)}&nbsp;&copy; 2026 &amp; <b>${prose(random, "french")}</b><!-- ${line(random)} --></div>`,
  notebook: (random) =>
    JSON.stringify({
      cells: [{ cell_type: "code", source: [line(random)], outputs: [{ data: { "text/plain": [prose(random)] } }] }],
    }),
  "source map": (random) =>
    `//# sourceMappingURL=data:application/json;base64,${base64(JSON.stringify({ version: 3, sources: ["a.ts"], mappings: random.bytes(300).toString("base64url") }))}`,
  "escaped JSON": (random) =>
    JSON.stringify(JSON.stringify({ text: prose(random), n: [name(random)], path: "C:\\a\\n" })),
  "escaped text": (random) =>
    Array.from(prose(random).slice(0, 60), (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`).join(""),
  "percent escapes in comments": (random) =>
    `def check(query):\n    # good = %00, %${hex(random, 1)}, %FF\n    # bad = %H0, %6K, %QR\n    if "%" in query:\n        raise ValueError("${prose(random, "english").repeat(4)}")`,
  "bit masks": (random) =>
    random.many(
      20,
      () => `'${name(random)}' => "${random.many(12, () => `\\x${random.of(["00", "01", "55", "40"])}`, "")}", # %55`,
      "\n",
    ),
  "lists of long names": (random) =>
    `@keys = (\n${random.many(12, () => `    "${random.many(4, () => random.of(WORDS["english"] ?? []), "_").replace(/\W/g, "_")}_of_the_garden",`, "\n")}\n);\ns{\\\\([\\w%])}{\\x5c%41}g; print "\\\\n%2541";`,
  mathematics: (random) =>
    `\\frac{\\alpha_${random.below(9)}}{\\beta} \\xrightarrow{\\text{${prose(random, "english").slice(0, 20)}}} \\nabla \\cdot \\mathbf{E} = \\u`,
}

/** By its first bytes. */
function isIcon(picture: Uint8Array): boolean {
  return picture[0] === 0 && picture[2] === 1
}

/** Kinds that hold a harmless picture. */
export const PICTURE_KINDS: Readonly<Record<string, Kind>> = {
  picture: (random, pictures) =>
    `${prose(random, "english")} ![x](${dataUrl(random.of(pictures))}) ${prose(random, "english")}`,
  "page with its icon": (random, pictures) =>
    `<link rel="shortcut icon" href="${dataUrl(random.of(pictures.filter(isIcon))).replace("png", random.of(["x-icon", "vnd.microsoft.icon"]))}">\n<p>${prose(random)}</p>`,
  "picture in JSON": (random, pictures) =>
    JSON.stringify({ b64_json: base64(random.of(pictures)), n: random.below(9) }),
  "picture in lines": (random, pictures) =>
    `${wrapped(base64(random.of(pictures)), random.of([60, 64, 76]))}\nand then ${prose(random, "english")}`,
  "picture in a URL": (random, pictures) => `?img=${encodeURIComponent(base64(random.of(pictures)))}&x=1`,
  "picture in a page": (random, pictures) =>
    `data:text/html;base64,${base64(`<p>${prose(random)}</p><img src="${dataUrl(random.of(pictures))}">`)}`,
  "picture in Python": (random, pictures) =>
    `data = b'${Array.from(random.of(pictures), (byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("")}'`,
}
