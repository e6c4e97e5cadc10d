/**
 * Characters that are drawn like a Latin letter.
 *
 * Source: Unicode Technical Standard 39, confusables.txt, single characters whose prototype is an ASCII letter
 * (Unicode License V3), with small capitals and hooked, barred and turned letters added.
 * @module
 */

/** Characters by the letter they are drawn like, all as {@link fold} sees them before it looks here. */
export const CONFUSABLES: Readonly<Record<string, string>> = {
  a: "ɐɑαаᗅᴀ⍶⍺ꓮꭺ𐊠𖽀",
  b: "ƀƃƅɓʙβвьѣҍᏼᖯᗷꓐꞵꮟ𐊂𐊡𐌁",
  c: "¢ȼсҫᴄ₡ⲥꓚꮯ𐊢𐌂𐐽𐔜𑣩𑣲🝌",
  d: "ðđƌɖɗԁᑯᗞᗪᴅ₫ꓒꓓꭰꮷ",
  e: "ǝɇɘəεеҽҿᴇ℮⋿ⴹꓰꬲꭼ𐊆𑣎",
  f: "ƒɟϝքᖴᵮẝꓝꜰꞙꬵ𐊇𐊥𐔥𑣂𝈓",
  g: "ƍǥɠɡɢԍցᏻᶃꓖꮐ",
  h: "ħɦʜнћңһӈӊհᏺᕼⱨⲏꓧꚕꮋꮒ𐋏",
  i: "ɨɩɪιіӏᵻᵼ⍳⍸ꙇꭵ𑣃",
  j: "ɉʝϳјᒍᴊꓙꭻ",
  k: "ƙκкқҟᛕᴋ₭ⱪⲕꓗꝁꮶ𐔘",
  l: "łƚǀɫɭʟ\u{5d5}\u{5df}\u{627}\u{661}\u{673}\u{6f1}\u{7ca}ᒪᛁⲓⳑⵏꓡꓲꮮ𐊊𐌉𐌠𐑃𐔦𑣒𖼖𖼨\u{1e8c7}",
  m: "ɱμϻмӎᗰᛖᴍⲙꓟꮇ𐊰𐌑",
  n: "ŋƞɲɳɴηոռᵰⲛꓠ𐆎𐔓",
  o: "øɵθοσоѳөօ\u{5e1}\u{647}\u{665}\u{6be}\u{6c1}\u{6d5}\u{6f5}\u{6ff}\u{7c0}०০੦૦ଠ୦௦\u{c02}౦\u{c82}೦\u{d02}ഠ൦\u{d82}๐໐ဝ၀ჿዐᴏᴑ⊖⊝⍬ⲟⴱⵁⵔ〇ꓳꝋꬽꬾꭴꮎꮻ𐊒𐊫𐐬𐓪𐔖𑓐𑣈𑣗𑣠𝈚🜔",
  p: "ƥρрᑭᴘᵽ⍴ⲣꓑꮲ𐊕",
  q: "ʠԛգզⵕꞯ",
  r: "ɍɼɽʀгғᖇᴦᵲⲅꓣꭇꭈꭱꮁꮢ𐓜𖼵𝈖",
  s: "ƽʂѕտᵴꓢꜱꮥꮪ𐊖𐑈𑣁𖼺",
  t: "ŧƭʈτтҭᴛᵵ₮⊤⍡⟙ⱦⲧꓔꭲ𐊗𐊱𐌕𖼊🝨",
  u: "ʉʋυսሀᑌᴜᵾ∪⋃ꓴꞟꭎꭒꮜ𐓶𑣘𖽂",
  v: "νѵ\u{5d8}\u{667}\u{6f7}ᐯᴠ∨⋁ⴸꓦꛟꮩ𐆗𐔝𑜆𑣀𖼈𝈍🜈",
  w: "ɯѡԝաᴡ₩ⱳꓪꝡꮃꮤ𑓅𑜊𑜎𑜏𑣦𑣯",
  x: "×χхҳᕁᕽ᙭᙮ᚷ╳⤫⤬⨯⨰ⲭⵝꓫꭓ𐆖𐊐𐊴𐌗𐌢𐔧𑣬",
  y: "¥ƴɏɣʏγуүұყᶌỿⲩꓬꭚꭹꮍ𐊲𑣜𖽃",
  z: "ƶȥʐζᴢᵶꓜꮓ𐋵𑣄𑣉𑣥",
}
