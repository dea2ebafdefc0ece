# GTKWave runs this (-S) for gtkwave_check.py. It prints what the window shows, one thing a line, and then `end`.
puts "marker [gtkwave::getMarker]"
puts "window [gtkwave::getWindowStartTime] [gtkwave::getWindowEndTime]"
foreach name [gtkwave::getDisplayedSignals] {
  puts "signal $name [gtkwave::getTraceValueAtMarkerFromName $name]"
}
for {set i 0} {$i < [gtkwave::getTotalNumTraces]} {incr i} {
  if {([gtkwave::getTraceFlagsFromIndex $i] & 0x200) != 0} { puts "text [gtkwave::getTraceNameFromIndex $i]" }
}
puts "end"
flush stdout
