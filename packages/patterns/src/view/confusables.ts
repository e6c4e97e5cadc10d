/**
 * Characters that look like a Latin letter.
 *
 * Source: Unicode Technical Standard 39, confusables.txt, single characters whose prototype is an ASCII letter
 * (Unicode License V3), with small capitals, ligatures and the hooked, barred, turned and
 * insular letters of the Latin script added by their names (Unicode Character Database).
 * @module
 */

/** Characters by the letter or letters that they look like, in the form in which `normalise` looks them up. */
export const CONFUSABLES: Readonly<Record<string, string>> = {
  a: "ɐɑαаᗅᴀ⍶⍺ꓮꭺ𐊠𖽀ᶏⱥ∀ᗄꓯ𝈗",
  b: "ƀƃƅɓʙβвьѣҍᏼᖯᗷꓐꞵꮟ𐊂𐊡𐌁ᴃᵬᶀꞗᑲᑳ",
  c: "¢ȼсҫᴄ₡ⲥꓚꮯ𐊢𐌂𐐽𐔜𑣩𑣲🝌ƈɕↄꜿꞓꞔ𝼝🅮",
  d: "ðđƌɖɗԁᑯᗞᗪᴅ₫ꓒꓓꭰꮷȡᵭᶁᶑꝺꟈ",
  e: "ǝɇɘəεеҽҿᴇ℮⋿ⴹꓰꬲꭼ𐊆𑣎ɛɜɝɞʚᴈᶒᶓᶔⱸⱻꬳꬴ∃ⴺꓱ𑣆",
  f: "ƒɟϝքᖴᵮẝꓝꜰꞙꬵ𐊇𐊥𐔥𑣂𝈓ᶂꝼ₽",
  g: "ƍǥɠɡɢԍցᏻᶃꓖꮐʛᵷᵹꝿꞡꟑ𝼂",
  h: "ħɦʜнћңһӈӊհᏺᕼⱨⲏꓧꚕꮋꮒ𐋏ɥʮʯⱶꞕꟶ𐓵",
  i: "ɨɩɪιіӏᵻᵼ⍳⍸ꙇꭵ𑣃ᴉᶖ𝼚",
  j: "ɉʝϳјᒍᴊꓙꭻ",
  k: "ƙκкқҟᛕᴋ₭ⱪⲕꓗꝁꮶ𐔘ʞᶄꝃꝅꞣ𝼃𝼐",
  l: "łƚǀɫɭʟ\u{5d5}\u{5df}\u{627}\u{661}\u{673}\u{6f1}\u{7ca}ᒪᛁⲓⳑⵏꓡꓲꮮ𐊊𐌉𐌠𐑃𐔦𑣒𖼖𖼨\u{1e8c7}ȴɬᴌᶅⱡꝇꝉꞁꞎꬷꬸꬹ𝼄𝼑𝼓",
  m: "ɱμϻмӎᗰᛖᴍⲙꓟꮇ𐊰𐌑ɰᴟᵯᶆꟺꬺ",
  n: "ŋƞɲɳɴηոռᵰⲛꓠ𐆎𐔓ȵᴎᶇꞑꞥꬻ∩⋂በᑎꓵ𝉅",
  o: "øɵθοσоѳөօ\u{5e1}\u{647}\u{665}\u{6be}\u{6c1}\u{6d5}\u{6f5}\u{6ff}\u{7c0}०০੦૦ଠ୦௦\u{c02}౦\u{c82}೦\u{d02}ഠ൦\u{d82}๐໐ဝ၀ჿዐᴏᴑ⊖⊝⍬ⲟⴱⵁⵔ〇ꓳꝋꬽꬾꭴꮎꮻ𐊒𐊫𐐬𐓪𐔖𑓐𑣈𑣗𑣠𝈚🜔ɔᴐᴒᴓᶗⱺꝍꬿ𝼛𑣕",
  p: "ƥρрᑭᴘᵽ⍴ⲣꓑꮲ𐊕ᵱᶈꝑꝓꝕ",
  q: "ʠԛգզⵕꞯɋꝗꝙ",
  r: "ɍɼɽʀгғᖇᴦᵲⲅꓣꭇꭈꭱꮁꮢ𐓜𖼵𝈖ɹɺɻɾɿʁᴙᴚᵳᶉⱹꝛꞃꞧꭅꭆꭉꭨ𝼈𝼕𝼖",
  s: "ƽʂѕտᵴꓢꜱꮥꮪ𐊖𐑈𑣁𖼺ȿᶊꞅꞩꟊꟗ𝼞",
  t: "ŧƭʈτтҭᴛᵵ₮⊤⍡⟙ⱦⲧꓔꭲ𐊗𐊱𐌕𖼊🝨ƫȶʇꞇ𝼉𝼍",
  u: "ʉʋυսሀᑌᴜᵾ∪⋃ꓴꞟꭎꭒꮜ𐓶𑣘𖽂ᴝᶙꞹ",
  v: "νѵ\u{5d8}\u{667}\u{6f7}ᐯᴠ∨⋁ⴸꓦꛟꮩ𐆗𐔝𑜆𑣀𖼈𝈍🜈ʌⱱⱴꝟ",
  w: "ɯѡԝաᴡ₩ⱳꓪꝡꮃꮤ𑓅𑜊𑜎𑜏𑣦𑣯ʍꮗᗯ𝈢",
  x: "×χхҳᕁᕽ᙭᙮ᚷ╳⤫⤬⨯⨰ⲭⵝꓫꭓ𐆖𐊐𐊴𐌗𐌢𐔧𑣬ᶍꭖꭗꭘꭙ",
  y: "¥ƴɏɣʏγуүұყᶌỿⲩꓬꭚꭹꮍ𐊲𑣜𖽃ʎ𝼆𖼇",
  z: "ƶȥʐζᴢᵶꓜꮓ𐋵𑣄𑣉𑣥ɀʑᶎⱬ",
  aa: "ꜳ",
  ae: "æ",
  ao: "ꜵ",
  au: "ꜷ",
  av: "ꜹꜻ",
  ay: "ꜽ",
  dz: "ʣʥꭦ",
  ls: "ʪ",
  lz: "ʫ",
  oe: "œ",
  oo: "ꝏ",
  ts: "ʦꭧ",
  tz: "ꜩ",
  ue: "ᵫ",
}
