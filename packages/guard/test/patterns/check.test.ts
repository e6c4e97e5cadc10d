import { describe, expect, it } from "vitest"
import type { CheckContext, Verdict } from "../../src/checks/check.ts"
import { createPatternCheck } from "../../src/checks/patterns/pattern-check.ts"
import type { PatternRule } from "../../src/checks/patterns/rules.ts"
import type { CheckItem } from "../../src/inspect/inspectable.ts"
import { chatContext } from "../support/held.ts"

const CONTEXT: CheckContext = chatContext("input")
const BIRD: PatternRule = { name: "bird", decision: "block", phrases: ["blue canary"], category: "birds" }

function part(text: string, path = "messages[0].content", rest: Partial<CheckItem> = {}): CheckItem {
  return { kind: "text", role: "user", channel: "text", choice: 0, path, text, ...rest } as CheckItem
}

function check(...rules: readonly PatternRule[]) {
  return createPatternCheck({ name: "lists", directions: ["input", "output"], rules, deadlineMs: 1_000 })
}

function look(rules: readonly PatternRule[], ...items: readonly CheckItem[]): Verdict {
  return check(...rules).run(items, CONTEXT, new AbortController().signal) as Verdict
}

function finds(text: string, over: Partial<PatternRule> = {}): boolean {
  return look([{ ...BIRD, ...over }], part(text)).signals.length > 0
}

const base64 = (text: string): string => Buffer.from(text).toString("base64")
const hexOf = (text: string): string => Buffer.from(text).toString("hex")

describe("a list of phrases", () => {
  it.each([
    ["as it is", "see the blue canary sing"],
    ["in other cases", "BLUE Canary"],
    ["over several spaces and lines", "blue \t\n canary"],
    ["in full width", "ｂｌｕｅ ｃａｎａｒｙ"],
    ["in mathematical letters", "𝐛𝐥𝐮𝐞 𝓬𝓪𝓷𝓪𝓻𝔂"],
    ["in circles, squares and flags", "ⓑⓛⓤⓔ 🅲🅰🅽🅰🆁🆈"],
    ["with letters of other scripts", "Ьluе саnаrу"],
    ["with accents", "blüé ćáñâry"],
    ["under piled-up marks", "b̷̨̛l̴u̸e̵ c̶a̷n̸a̴r̵y̶"],
    ["with what cannot be seen between", "bl\u200bue ca\u200d\u00adna\u2060ry\ufeff"],
    ["with bidirectional controls", "\u202eblue\u202c canary"],
    ["with NUL and lone surrogates between", "bl\u0000ue ca\ud800nary"],
    ["under marks of other scripts", "b\u0488l\u0489u\u0483e\u0487 c\u0e47a\u0ec8n\u0711a\ua8e0r\u093ey\u{11234}"],
    ["behind a mark of another script that stands on nothing", "\u0711blue \u0711canary"],
    ["spaced", "b l u e  c a n a r y"],
    ["cut up by punctuation", "b.l.u.e_c-a*n/a~r|y"],
    ["run together", "bluecanary"],
    ["with digits for letters", "8lu3 c4n4ry"],
    ["with signs for letters", "b|ue c@n@ry"],
    ["with percent escapes", "%62lue%20%63anary"],
    ["with percent escapes twice", "%2562lue%2520canary"],
    ["with HTML entities", "&#98;lue&nbsp;&#x63;anary"],
    ["with HTML entities without their ends", "&#98lue canary"],
    ["with accented entities", "blu&eacute; c&aacute;nary"],
    ["with JSON escapes", "\\u0062lue\\u0020canary"],
    ["with JavaScript escapes", "\\x62lue\\u{20}canary"],
    ["in base64", base64("a blue canary sang")],
    ["in base64 after other letters", `xyz${base64("a blue canary sang")}`],
    [
      "in base64 of the other alphabet, over lines",
      base64("¿¿¿ blue canary ???")
        .replaceAll("+", "-")
        .replaceAll("/", "_")
        .replace(/(.{9})/g, "$1\r\n"),
    ],
    ["in base64 in base64", base64(base64("a blue canary"))],
    ["in base64 in percent escapes", encodeURIComponent(base64("a blue canary>>>?"))],
    ["in hexadecimal", hexOf("a blue canary")],
    ["in spaced hexadecimal", hexOf("a blue canary").replace(/../g, "$& ")],
    ["in C hexadecimal", hexOf("a blue canary").replace(/../g, "0x$&, ")],
    ["with emoji between its words", "blue😀canary😀"],
    ["with emoji within its words", "bl😀ue ca🦜na🏳️‍🌈ry"],
    ["in JavaScript's long and octal escapes", "\\U00000062l\\165e \\143anary"],
    ["with references that have a name", "blue&InvisibleTimes;&nbsp;c&aacute;nary"],
    ["with references of a name without its end", "blue&nbspcanary"],
    ["with long numeric references", "&#x0000000062;lue &#00000000099;anary"],
    ["with markup between and within its words", "<p>blue <b>can</b><i>ary</i></p>"],
    ["with comments and references in markup", "blue<!-- > x -->&nbsp;<span title='a > b'>c&#97;nary"],
    ["behind a tag whose quote does not end", '<a " blue <b>canary</b>'],
    ["in the text of Markdown's links", "[blue](https://example.org/a) [canary](b)"],
    ["around a comment that ends as browsers end it", "blue ca<!-- x --!>nary<!-- y"],
    ["around a comment that is none", "blue ca<!-->nary <!-- y -->"],
    ["behind a target with parentheses", "[blue](https://example.org/a_(b)_(c(d)))[canary](<e)f>)"],
    ["around a target with parentheses", "blue [can](a(b)xyz)ary"],
    ["around a target in angle brackets", "blue [can](<a)xyz>)ary"],
    ["in a CDATA section", "blue can<![CDATA[ary]]>"],
    ["around a CDATA section", "blue can<![CDATA[xyz]]>ary"],
    ["between the colours of a terminal", "\u001b[1mblue\u001b[0m \u001b[38;5;1mcan\u001b[32mary\u001b[K"],
    ["in the links of a terminal", "blue \u001b]8;;http://e.org\u001b\\can\u001b]8;;\u0007ary"],
    ["around a style sheet", "blue can<style media='a>b'>p{}</style>ary"],
    ["around a script that holds markup", 'blue <SCRIPT>a("<template><b>x</b>")</SCRIPT >canary'],
    [
      "around templates in each other",
      "bl<template>x<template><p>y</template><script></template></script>z</template>ue canary",
    ],
    ["before an element that does not end", "blue canary<style>p{}<b>"],
    ["behind the end of a script that began before", "1;x</script>blue canary"],
    ["in a script that is not shown", "<script>// blue canary</script>"],
    ["in the text of an element named like one", "bl<style-x>u</style-x>e canary"],
    ["around a flag between its words", "blue🇩🇪canary"],
    ["around flags within its words", "bl🇫🇷🇩🇪ue ca🇫🇷nary"],
    ["around keycaps", "blue 1️⃣ can2⃣ary"],
    ["around letters in squares and circles", "bl🅾️ue 🅰️ c🅱anⓂ️ary"],
    ["around signs of letters", "blℹ️ue ™️ can™ary"],
    ["around ideographs in squares and circles", "bl㊙️ue 🈚 can🈯ary"],
    ["behind a flag, as a word", "see🇩🇪blue canary"],
    ["in flags", "🇧🇱🇺🇪 🇨🇦🇳🇦🇷🇾"],
    ["in other hooked letters", "ƀǀʋɛ ƈɑɲᶏᵳʎ"],
    ["in base64 in groups of four", base64("a blue canary sang").replace(/(.{4})/g, "$1 ")],
    ["in base64 in groups with no-break spaces between", base64("a blue canary sang").replace(/(.{4})/g, "$1\u00a0")],
    [
      "in base64 with what cannot be seen between",
      base64("a blue canary sang").replace(/(.{3})/g, "$1\u200b\u{e0041}"),
    ],
    ["in base64 with white space anywhere", `so ${base64("a blue canary sang").replace(/(.{3,5})/g, "$1  ")} it was`],
    [
      "in tag characters",
      `hello${Array.from("blue canary", (c) => String.fromCodePoint(0xe0000 + c.charCodeAt(0))).join("")}`,
    ],
  ])("is found %s", (_, text) => {
    expect(finds(text)).toBe(true)
  })

  it.each([
    ["inside other words", "blue canaryseed"],
    ["across the words of a sentence", "a noble blue can, a ryegrass"],
    ["too far apart", `blue ${". ".repeat(40)} canary`],
    ["cut short", "blue canar"],
    ["apart in a table", "<td>a blue</td><td>can</td>"],
  ])("is not found %s", (_, text) => {
    expect(finds(text)).toBe(false)
  })

  it("counts an astral letter beside it as a letter, and an emoji as a word boundary", () => {
    expect(finds("𞤁blue canary", { loose: false })).toBe(false)
    expect(finds("😀blue canary😀", { loose: false })).toBe(true)
    expect(finds("blue canary𞤁", { loose: false })).toBe(false)
  })

  it("is not found without an emoji that is part of it", () => {
    expect(finds("a rose garden", { phrases: ["🌹 rose"] })).toBe(false)
    expect(finds("a 🌹 rose", { phrases: ["🌹 rose"] })).toBe(true)
  })

  it.each(["hello", "and", "with", "this", "text", "will you look into", "first", "only"])(
    "is found in base64 in groups of any size after %j",
    (before) => {
      for (let size = 1; size <= 12; size++) {
        const code = base64("quartz umbrella violet").replace(new RegExp(`.{${size}}`, "g"), "$& ")
        const over = { phrases: ["quartz umbrella violet"], loose: false }
        expect(finds(`${before} ${code} bye`, over), `groups of ${size}`).toBe(true)
      }
    },
  )

  it("is not found without the combining marks of its script", () => {
    expect(finds("नली कनर", { phrases: ["नीली कैनरी"] })).toBe(false)
    expect(finds("นกสฟา", { phrases: ["นกสีฟ้า"] })).toBe(false)
  })

  it("is found inside words where its rule says so", () => {
    expect(finds("xbluecanaryx", { words: false, phrases: ["bluecanary"] })).toBe(true)
  })

  it("is not found cut up where its rule says so", () => {
    expect(finds("b l u e canary", { loose: false })).toBe(false)
    expect(finds("Blue  canary", { loose: false })).toBe(true)
  })

  it("treats a number as a word of its own", () => {
    expect(finds("tower 12", { phrases: ["tower 12"] })).toBe(true)
    expect(finds("tower 123", { phrases: ["tower 12"] })).toBe(false)
  })

  it.each([
    ["Greek", "γαλάζιο καναρίνι", "ΓΑΛΆΖΙΟ ΚΑΝΑΡΊΝΙ"],
    ["Cyrillic", "синяя канарейка", "СИНЯЯ КАНАРЕЙКА"],
    ["Arabic, vowelled or not", "كناري أزرق", "كَنَارِي أزرق"],
    ["Thai", "นกสีฟ้า", "a นกสีฟ้า"],
    ["Syriac with its marks", "ܨܦ\u0711ܪܐ", "ܨܦ\u0711ܪܐ"],
    ["Hindi", "नीली कैनरी", "एक नीली कैनरी।"],
    ["Chinese, among other letters", "蓝色金丝雀", "看那蓝色金丝雀飞"],
    ["Korean, with an ending", "파란 카나리아", "파란 카나리아를"],
    ["Japanese", "青いカナリア", "ｶﾅﾘｱ 青いカナリアが"],
  ])("is found in %s", (_, phrase, text) => {
    expect(finds(text, { phrases: [phrase] })).toBe(true)
  })
})

describe("a pattern check", () => {
  it("names the rule, its category and the part, and nothing of the matched text", () => {
    const { signals } = look([BIRD], part("hello"), part("a blue canary", "messages[1].content"))
    expect(signals).toEqual([{ check: "lists", rule: "bird", decision: "block", item: 1, category: "birds" }])
  })

  it("marks the signal of a rule in shadow", () => {
    const shadowed = look([{ ...BIRD, decision: "review", shadow: true }], part("a blue canary"))
    expect(shadowed.signals).toMatchObject([{ decision: "review", shadow: true }])
  })

  it("finds a phrase that is cut over the parts of one message, and signals for all of them", () => {
    const parts = ["a bl", "ue can", "ary"].map((text, index) => part(text, `messages[3].content[${index}].text`))
    expect(look([BIRD], ...parts).signals).toEqual([
      { check: "lists", rule: "bird", decision: "block", category: "birds" },
    ])
  })

  it("does not join different messages, choices or roles", () => {
    const cut = (a: Partial<CheckItem>, b: Partial<CheckItem>) =>
      look([BIRD], part("blue ", "messages[0].content", a), part("canary", "messages[0].content", b)).signals
    expect(cut({}, { path: "messages[1].content" })).toEqual([])
    expect(cut({}, { choice: 1 })).toEqual([])
    expect(cut({}, { role: "assistant" })).toEqual([])
    expect(cut({}, {})).toHaveLength(1)
  })

  it.each<[string, ...["text" | "reasoning" | "refusal", string][]]>([
    ["reasoning behind the text", ["text", "canary"], ["reasoning", "a blue "]],
    ["a refusal before the text", ["refusal", "canary"], ["text", "blue "]],
    ["the parts of one field in their order", ["text", "can"], ["reasoning", "blue "], ["text", "ary"]],
  ])("finds a phrase that is cut over the fields of one request message in any order: %s", (_, ...fields) => {
    const parts = fields.map(([channel, text], index) => part(text, `messages[1].f${index}`, { channel }))
    expect(look([BIRD], ...parts).signals).toHaveLength(1)
    expect(look([BIRD], ...parts.map((one, index) => ({ ...one, path: `messages[${index}].f` }))).signals).toEqual([])
  })

  it("says that its items were screened", () => {
    expect(look([BIRD], part("")).screened).toBe(true)
  })
})

describe("expressions", () => {
  const pattern = (source: string, text: string, over: Partial<PatternRule> = {}) =>
    finds(text, { phrases: [], patterns: [source], ...over })

  it.each([
    ["canary [0-9]{2,3}", "canary 12", true],
    ["canary [0-9]{2,3}", "canary 1", false],
    ["canary [0-9]{2,3}", "canary 1234", false],
    ["(blue|gr[ea]y) canar(y|ies)", "two GREY Canaries", true],
    ["(?:blue ){2}canary", "blue blue canary", true],
    ["canary.{0,10}tower", "canary on a tower", true],
    ["canary.{0,10}tower", "canary on a very far tower", false],
    ["\\d{3}-canary", "７４１-canary", true],
    ["c[^a]nary", "canary", false],
    ["[а-я]{7} канарейка", "голубая канарейка", true],
    ["(a?|b?){0,40}canary", "canary", true],
    ["c\\.c", "cxc", false],
  ])("match: %s in %s", (source, text, found) => {
    expect(pattern(source, text)).toBe(found)
  })

  it("are found in encoded text", () => {
    expect(pattern("canary [0-9]{2}", base64("the canary 12 sang"))).toBe(true)
  })

  it("are found inside words where their rule says so", () => {
    expect(pattern("can[a-z]{1,2}ry", "xcanaryx")).toBe(false)
    expect(pattern("can[a-z]{1,2}ry", "xcanaryx", { words: false })).toBe(true)
  })
})
