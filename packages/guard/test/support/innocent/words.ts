/** Words of several languages and scripts, as they come in questions about gardens, kitchens and travel. */
export const WORDS: Readonly<Record<string, readonly string[]>> = {
  english:
    "the quick garden needs water every second morning while I’m away and nobody told me which tomato likes shade or sun please explain how to prune roses before March because last year’s frost killed two of them cafe naïve can't won't".split(
      " ",
    ),
  german:
    "der kleine Garten braucht jeden Morgen Wasser während ich verreist bin können Sie mir erklären wie man Rosen schneidet bevor der Frühling kommt Straße Grüße Äpfel übermäßig schön".split(
      " ",
    ),
  french:
    "le petit jardin a besoin d’eau chaque matin pourriez-vous m’expliquer comment tailler les rosiers où naïveté été forêt garçon œuvre déjà très bientôt".split(
      " ",
    ),
  spanish:
    "el jardín pequeño necesita agua cada mañana ¿cómo se podan las rosas? año corazón señal pingüino también".split(
      " ",
    ),
  russian: "маленький сад нужно поливать каждое утро как обрезать розы перед весной пожалуйста объясните ещё раз".split(
    " ",
  ),
  greek: "ο μικρός κήπος χρειάζεται νερό κάθε πρωί πώς κλαδεύονται τα τριαντάφυλλα πριν την άνοιξη".split(" "),
  arabic: "تحتاج الحديقة الصغيرة إلى الماء كل صباح كيف أقلم الورود قبل الربيع من فضلك اشرح لي".split(" "),
  hebrew: "הגינה הקטנה צריכה מים בכל בוקר איך גוזמים ורדים לפני האביב בבקשה הסבר לי".split(" "),
  hindi: "छोटे बगीचे को हर सुबह पानी चाहिए गुलाब की छँटाई वसंत से पहले कैसे करें कृपया समझाइए".split(" "),
  chinese: "小花园每天早上需要浇水 请解释一下 春天之前 怎样修剪玫瑰 谢谢 番茄喜欢阳光吗".split(" "),
  japanese: "小さな庭は毎朝水が必要です 春の前に バラを剪定する方法を 教えてください ありがとう トマト".split(" "),
  korean: "작은 정원은 매일 아침 물이 필요합니다 봄이 오기 전에 장미를 어떻게 다듬나요 설명해 주세요".split(" "),
  thai: "สวนเล็กต้องการน้ำทุกเช้า ช่วยอธิบายวิธีตัดแต่งกุหลาบก่อนฤดูใบไม้ผลิ ขอบคุณ".split(" "),
  emoji: "🌹 🪴 👩‍🌾 😀 🇩🇪 👍🏽 ❤️ 🧑‍🤝‍🧑 ok great 🎉 see you 🏳️‍🌈".split(" "),
}

/** Names as code has them. */
export const NAMES: readonly string[] =
  "userId parseToken fetchRows_v2 MAX_RETRIES handleClick index i0 tmpBuffer renderAll toBase64 AAbbCC QkList WorkItem isReady getHTTPResponseCode __init__ std size_t kB R0 iVar".split(
    " ",
  )
