# Finds the critical paths of one mapped netlist, with an ideal clock and without interconnect. @NAMES@ are filled in by
# sim/synthesis/flow.cpp. Delays are in the library's time unit. A path is the part of the period that it needs, which
# is period - slack and includes the setup time.
if {[catch {
  read_liberty {@LIBERTY@}
  read_verilog {@NETLIST@}
  link_design @TOP@
} message]} {
  puts stderr "Error: $message"
  exit 1
}
if {[llength [get_ports -quiet clk_i]] > 0} {
  create_clock -name clk -period @PERIOD@ [get_ports clk_i]
} else {
  create_clock -name clk -period @PERIOD@
}
set inputs {}
foreach port [all_inputs] {
  if {[get_property $port full_name] ne "clk_i"} { lappend inputs $port }
}
if {[llength $inputs] > 0} {
  set_input_delay 0 -clock clk $inputs
  set_driving_cell -lib_cell @DRIVER@ $inputs
}
set_output_delay 0 -clock clk [all_outputs]
set_load @LOAD@ [all_outputs]
puts "section all"
report_checks -path_delay max -format full -digits 6
puts "section registers"
report_checks -path_delay max -from [all_registers -clock_pins] -to [all_registers -data_pins] -format full -digits 6
foreach part {@PARTS@} {
  set pins {}
  foreach pin [all_registers -data_pins] {
    if {[string match "${part}_u*/*" [get_property $pin full_name]]} { lappend pins $pin }
  }
  puts "section $part"
  if {[llength $pins] > 0} { report_checks -path_delay max -to $pins -format full -digits 6 }
}
puts "section end"
