# The report page's style, scripts and chart library as string constants: reports/page_assets.hpp, defined in the build folder.
set(page_folder ${CMAKE_SOURCE_DIR}/reports/page)
set(page_source ${CMAKE_BINARY_DIR}/generated/page_assets.cpp)
foreach(asset page.css echarts.min.js tables.js labels.js charts.js charts_area.js)
  file(READ ${page_folder}/${asset} content)
  string(MAKE_C_IDENTIFIER ${asset} name)
  set(asset_${name} "${content}")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${page_folder}/${asset})
endforeach()
file(CONFIGURE OUTPUT ${page_source} @ONLY CONTENT [[
#include "reports/page_assets.hpp"
namespace subbyte::reports {
const std::string_view kPageStyle = R"_asset_(@asset_page_css@)_asset_";
const std::string_view kChartLibrary = R"_asset_(@asset_echarts_min_js@)_asset_";
const std::string_view kPageScript = R"_asset_(@asset_tables_js@@asset_labels_js@@asset_charts_js@@asset_charts_area_js@)_asset_";
}
]])
target_sources(subbyte_reports PRIVATE ${page_source})
