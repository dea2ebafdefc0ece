// One self-contained HTML page.
#include <fmt/format.h>

#include "reports/record.hpp"
#include "reports/svg.hpp"

namespace subbyte::reports {
namespace {

constexpr const char* kStyle = R"(
:root{color-scheme:light dark;--ink:#1c2430;--soft:#5b6675;--line:#d7dce3;--page:#fbfcfd;--card:#fff;--accent:#1f5fbf}
@media(prefers-color-scheme:dark){:root{--ink:#e4e9f0;--soft:#9aa6b5;--line:#333c49;--page:#12161c;--card:#1a2028;--accent:#7db2ff}}
*{box-sizing:border-box}body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:1180px;margin:0 auto;padding:1.2rem}h1{font-size:1.6rem;margin:.4rem 0}h2{font-size:1.2rem;margin:0 0 .6rem;overflow-wrap:anywhere}
section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:1rem;margin:1rem 0}
.scroll{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums;min-width:50%}
caption{text-align:left;font-weight:600;padding:.4rem 0}th,td{padding:.25rem .7rem;border-bottom:1px solid var(--line);white-space:nowrap}
th{cursor:pointer;text-align:right;vertical-align:bottom}th small{display:block;color:var(--soft);font-weight:400}
th[aria-sort=ascending]::after{content:' \25B2'}th[aria-sort=descending]::after{content:' \25BC'}
td{text-align:right}td.text,th.text{text-align:left}tbody tr:hover{background:color-mix(in srgb,var(--accent) 12%,transparent)}
.note,details{color:var(--soft);font-size:.9rem}dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(210px,1fr));gap:.7rem;margin:.3rem 0 1rem}
dl div{border-left:3px solid var(--accent);padding-left:.7rem}dt{color:var(--soft);font-size:.85rem}dd{margin:0;font-size:1.15rem}dd small{color:var(--soft);font-size:.75rem}
figure{margin:1rem 0}figcaption{font-weight:600}figure .plot{overflow-x:auto}svg{width:100%;min-width:480px;max-width:820px;height:auto}svg text{fill:var(--soft);font-size:12px}svg .axis{fill:var(--ink)}
.grid{stroke:var(--line);fill:none}.dot{fill:var(--c);fill-opacity:.8}.dot.marked{stroke:var(--ink);stroke-width:2}
.dot:hover,.dot:focus{fill-opacity:1;stroke:var(--accent);stroke-width:3;outline:none}.legend{display:flex;flex-wrap:wrap;gap:.2rem 1rem}.key::before{content:'';display:inline-block;width:.8em;height:.8em;border-radius:50%;background:var(--c);margin-right:.35em}
.s0{--c:#3574c4}.s1{--c:#d1622b}.s2{--c:#2f9a5f}.s3{--c:#b23b7b}.s4{--c:#7d5bd0}.s5{--c:#a8871c}.s6{--c:#1d9aa3}.s7{--c:#c94343}.s8{--c:#6d7a35}.s9{--c:#6b7480}
#tip{position:fixed;pointer-events:none;background:var(--ink);color:var(--page);padding:.4rem .6rem;border-radius:6px;font-size:.8rem;white-space:pre;opacity:0;z-index:2}
pre{overflow-x:auto;font-size:.8rem})";

constexpr const char* kScript = R"(
for(const th of document.querySelectorAll('th'))th.addEventListener('click',()=>{const table=th.closest('table'),i=th.cellIndex,up=th.getAttribute('aria-sort')!=='ascending';
for(const o of table.querySelectorAll('th'))o.removeAttribute('aria-sort');th.setAttribute('aria-sort',up?'ascending':'descending');
const key=r=>r.cells[i].dataset.v??r.cells[i].textContent,body=table.tBodies[0];
[...body.rows].sort((a,b)=>{const x=key(a),y=key(b),n=x-y;return(up?1:-1)*(isNaN(n)?x.localeCompare(y):n)}).forEach(r=>body.append(r))});
const tip=document.getElementById('tip');for(const dot of document.querySelectorAll('.dot')){const title=dot.querySelector('title');const text=title.textContent.trim();dot.setAttribute('aria-label',text);title.remove();
const show=()=>{const b=dot.getBoundingClientRect();tip.textContent=text;tip.style.opacity=1;tip.style.left=Math.max(4,Math.min(b.x+14,innerWidth-tip.offsetWidth-8))+'px';tip.style.top=Math.max(4,Math.min(b.y+14,innerHeight-tip.offsetHeight-8))+'px'};
dot.addEventListener('mouseenter',show);dot.addEventListener('focus',show);for(const e of['mouseleave','blur'])dot.addEventListener(e,()=>tip.style.opacity=0)})";

std::string table_html(const Table& table) {
  std::vector<bool> text(table.columns.size(), false);
  for (const auto& row : table.rows)
    for (std::size_t i = 0; i < row.size(); ++i) text[i] = text[i] || row[i].is_string();
  std::string out = fmt::format("<div class='scroll'><table><caption>{}</caption><thead><tr>", escape(table.title));
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const Column& c = table.columns[i];
    out += fmt::format("<th scope='col'{}{}>{}<small>{}</small></th>", text[i] ? " class='text'" : "",
                       c.source.empty() ? "" : fmt::format(" title='source: {}'", escape(c.source)), escape(c.name), escape(c.unit));
  }
  out += "</tr></thead><tbody>";
  for (const auto& row : table.rows) {
    out += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i)
      out += fmt::format("<td{}{}>{}</td>", text[i] ? " class='text'" : "",
                         row[i].is_number() ? fmt::format(" data-v='{}'", row[i].dump()) : "",
                         escape(cell_text(row[i], table.columns[i].digits)));
    out += "</tr>";
  }
  out += "</tbody></table></div>";
  if (!table.note.empty()) out += fmt::format("<p class='note'>{}</p>", escape(table.note));
  return out + "\n";
}

std::string section(const Record& record) {
  std::string out = fmt::format("<section><h2>{}</h2>", escape(record.title));
  if (!record.metrics.empty()) {
    out += "<dl>";
    for (const Metric& m : record.metrics)
      out += fmt::format("<div><dt>{}</dt><dd>{} {} <small>{}</small></dd></div>", escape(m.name), cell_text(m.value, 5), escape(m.unit),
                         escape(m.source));
    out += "</dl>";
  }
  for (const Scatter& s : record.scatters) out += scatter_svg(s, record.tables[s.table]);
  for (const Table& t : record.tables) out += table_html(t);
  out += fmt::format("<details><summary>Provenance</summary><pre>{}</pre></details></section>\n", escape(record.provenance.dump(2)));
  return out;
}

}  // namespace

std::string html(const std::string& title, const std::vector<Record>& records) {
  std::string body;
  for (const Record& record : records) body += section(record);
  return fmt::format(
      "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'><meta name='viewport' content='width=device-width,initial-scale=1'>"
      "<title>{0}</title><style>{1}</style></head>\n<body><main><h1>{0}</h1>\n{2}</main><div id='tip' role='status'></div><script>{3}</script></body></html>\n",
      escape(title), kStyle, body, kScript);
}

}  // namespace subbyte::reports
