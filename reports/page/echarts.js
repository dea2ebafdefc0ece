// The parts of Apache ECharts that the page's scripts use.
import { use } from 'echarts/core';
import { BarChart, LineChart, ScatterChart, TreemapChart } from 'echarts/charts';
import { DataZoomComponent, GridComponent, LegendPlainComponent, TooltipComponent } from 'echarts/components';
import { LabelLayout } from 'echarts/features';
import { SVGRenderer } from 'echarts/renderers';

export { getInstanceByDom, init } from 'echarts/core';

use([BarChart, LineChart, ScatterChart, TreemapChart, DataZoomComponent, GridComponent, LegendPlainComponent,
  TooltipComponent, LabelLayout, SVGRenderer]);
