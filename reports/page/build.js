// npm ci && npm run build: bundles the parts of Apache ECharts that the page uses into echarts.min.js, licences first.
import { readFileSync } from 'node:fs';
import { build } from 'esbuild';

await build({
  entryPoints: ['echarts.js'],
  outfile: 'echarts.min.js',
  bundle: true,
  minify: true,
  format: 'iife',
  globalName: 'echarts',
  target: 'es2020',
  charset: 'ascii',
  legalComments: 'none',  // NOTICE holds every licence
  define: { 'process.env.NODE_ENV': '"production"' },
  banner: { js: `/*!\n${readFileSync('NOTICE', 'utf8')}*/` },
});
