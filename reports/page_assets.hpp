// What makes the report page work: reports/CMakeLists.txt turns the files of reports/page into these constants.
#pragma once

#include <string_view>

namespace subbyte::reports {

extern const std::string_view kPageStyle;     ///< page.css
extern const std::string_view kChartLibrary;  ///< echarts.min.js, with its licences
extern const std::string_view kPageScript;    ///< every other script of the folder, in the order of the README
extern const std::string_view kGlossary;      ///< docs/glossary.md

}  // namespace subbyte::reports
