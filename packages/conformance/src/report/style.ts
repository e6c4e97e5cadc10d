/** The page's style, the same as the scan report's: light and dark from one set of tokens. */
export const STYLE = `
:root{--paper:#fbfaf7;--ink:#1f2430;--soft:#5a6270;--line:#e4e1da;--accent:#0f6b6b;--brick:#9c3b25;color-scheme:light dark}
@media(prefers-color-scheme:dark){:root{--paper:#14171c;--ink:#e8e6e1;--soft:#9aa3af;--line:#2a2f37;--accent:#5fb3b3;--brick:#e58a72}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/22px "Source Sans 3","Source Sans Pro",system-ui,-apple-system,"Segoe UI",sans-serif;font-variant-numeric:tabular-nums}
main{max-width:880px;margin:0 auto;padding:48px 24px 72px}
h1{font-size:28px;line-height:36px;font-weight:600;margin:0 0 8px}
h2{font-size:20px;line-height:28px;font-weight:600;margin:44px 0 8px;padding-top:12px;border-top:1px solid var(--line)}
p{margin:0 0 12px;max-width:68ch}
.soft,th{color:var(--soft);font-size:13px;line-height:18px;font-weight:400}
.lead{font-size:20px;line-height:28px;max-width:56ch}
table{border-collapse:collapse;width:100%;margin:8px 0 16px}
th,td{text-align:left;padding:6px 12px 6px 0;border-bottom:1px solid var(--line);vertical-align:top}
th.n,td.n{text-align:right;padding-right:20px;white-space:nowrap;width:1%}
.failed{color:var(--brick);font-weight:600}
.stop{border-left:3px solid var(--brick);padding:4px 0 4px 16px}
pre{white-space:pre-wrap;word-break:break-all;font-size:12px;line-height:16px;max-height:320px;overflow:auto;border:1px solid var(--line);padding:8px}
summary{color:var(--soft);cursor:pointer;margin:0 0 12px}
ul{margin:0 0 12px;padding-left:20px}
@media print{main{padding:0}body{background:#fff}}
`
