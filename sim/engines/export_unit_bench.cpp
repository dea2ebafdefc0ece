// Writes the exported bench. It is Verilog-2001 and one process, so that no simulator's order of events can matter.
#include <fmt/format.h>

#include "sim/engines/export_unit.hpp"
#include "sim/engines/verify.hpp"
#include "sim/synthesis/flow.hpp"

namespace subbyte::sim {
namespace {

constexpr const char* kBench = R"V(// Self-checking bench of @UNIT@ at @POINT@.
// Format @FORMAT@, seed @SEED@, stalls @STALLS@ % on both sides; every number here was written by `subbyte export`.
// Run it in the folder that holds vectors/. It prints PASS, or FAIL with the first wrong beat and ends with $fatal.
// Define NETLIST for a module without parameters. +any_cycle checks the beats and not their cycles.
//
// Cycle 0 is the first rising edge with rst_ni = 1. A beat moves at an edge with valid and ready high. Configuration
// write i happens at cycle i, beats are offered from cycle CONFIGS on unless bit 0 of the cycle's stalls is set, and
// stay until they are taken; out_ready_i is low where bit 1 is set. Data beside valid = 0 is spoiled.
`timescale 1ps / 1ps
module tb_@UNIT@;
  // of a clock period, in ps: inputs move one after the rising edge, outputs are read one before
  parameter TENTH = @TENTH@;
  localparam IN_BITS = @IN_BITS@, OUT_BITS = @OUT_BITS@;
  localparam CONFIGS = @CONFIGS@, INPUTS = @INPUTS@, OUTPUTS = @OUTPUTS@, STALLS = @STALL_CYCLES@;
  localparam QUIET = @QUIET@, DEADLOCK = @DEADLOCK@;

  reg                 clk, rst_n, in_valid, out_ready;
  reg  [IN_BITS-1:0]  in_data;
  wire                in_ready, out_valid;
  wire [OUT_BITS-1:0] out_data;
@CONFIG_REGISTERS@
`ifdef NETLIST
  @UNIT@ dut (
`else
  @UNIT@ @PARAMETERS@dut (
`endif
    .clk_i(clk), .rst_ni(rst_n),@CONFIG_PORTS@
    .in_valid_i(in_valid), .in_ready_o(in_ready), .in_data_i(in_data),
    .out_valid_o(out_valid), .out_ready_i(out_ready), .out_data_o(out_data)
  );

  reg [IN_BITS-1:0]  inputs [0:INPUTS-1];
  reg [OUT_BITS-1:0] expected [0:OUTPUTS-1];
  reg [31:0]         expected_cycles [0:OUTPUTS-1];
  reg [1:0]          stalls [0:STALLS-1];
@CONFIG_MEMORY@
  integer cycle, taken, found, quiet;
  reg     done, failed, any_cycle, due;

  // One element of a field; only the first that differs is told.
  reg told;
  task tell;
    input [8*32-1:0] name;
    input integer index;
    input [63:0] got, want;
    begin
      if (!told && got !== want) $display("  field %0s[%0d]: got %0h, expected %0h", name, index, got, want);
      if (got !== want) told = 1;
    end
  endtask

  task tell_fields;
    input [OUT_BITS-1:0] got, want;
    integer k;
    begin
      told = 0;
@FIELDS@    end
  endtask

  task check_output;
    begin
      due = found < OUTPUTS;
      if (due && !any_cycle) due = expected_cycles[found] == cycle;
      if (out_valid !== 1'b0 && out_valid !== 1'b1) begin
        $display("FAIL @UNIT@: cycle %0d: out_valid_o is %b", cycle, out_valid);
        failed = 1;
      end else if (out_valid && out_ready) begin
        quiet = 0;
        if (found == OUTPUTS) begin
          $display("FAIL @UNIT@: cycle %0d: beat %0d, expected %0d beats in all", cycle, found, OUTPUTS);
          failed = 1;
        end else if (!due) begin
          $display("FAIL @UNIT@: beat %0d at cycle %0d, expected at cycle %0d", found, cycle, expected_cycles[found]);
          failed = 1;
        end else if (out_data !== expected[found]) begin
          $display("FAIL @UNIT@: beat %0d at cycle %0d: got %h, expected %h", found, cycle, out_data, expected[found]);
          tell_fields(out_data, expected[found]);
          failed = 1;
        end
        found = found + 1;
      end else if (due && !any_cycle) begin
        $display("FAIL @UNIT@: no beat at cycle %0d, expected beat %0d", cycle, found);
        failed = 1;
      end
    end
  endtask

  task check_input;
    begin
      if (in_valid && in_ready !== 1'b0 && in_ready !== 1'b1) begin
        $display("FAIL @UNIT@: cycle %0d: in_ready_o is %b", cycle, in_ready);
        failed = 1;
      end else if (in_valid && in_ready) begin
        quiet = 0;
        taken = taken + 1;
        pending = 0;
      end
    end
  endtask

  reg pending;  // a beat is offered and not yet taken
  reg stall_in, stall_out;
  task drive;
    begin
      stall_in = 0;
      stall_out = 0;
      if (cycle < STALLS) {stall_out, stall_in} = stalls[cycle];
@CONFIG_DRIVE@      if (!pending && taken < INPUTS && cycle >= CONFIGS && !stall_in) begin
        in_data = inputs[taken];
        pending = 1;
      end else if (!pending) begin
        in_data = ~in_data;
      end
      in_valid = pending;
      out_ready = !stall_out;
    end
  endtask

  initial begin
    any_cycle = $test$plusargs("any_cycle");
    $readmemh("vectors/input.hex", inputs);
    $readmemh("vectors/expected.hex", expected);
    $readmemh("vectors/expected_cycles.hex", expected_cycles);
    $readmemh("vectors/stalls.hex", stalls);
@CONFIG_READ@    clk = 0;
    rst_n = 0;
    in_valid = 0;
    pending = 0;
    in_data = 0;
    out_ready = 0;
@CONFIG_START@    repeat (2) begin
      #(5 * TENTH) clk = 1;
      #(5 * TENTH) clk = 0;
    end
    #(5 * TENTH) clk = 1;  // the last edge in reset
    cycle = 0;
    taken = 0;
    found = 0;
    quiet = 0;
    failed = 0;
    done = 0;
    while (!done && !failed) begin
      #(TENTH) rst_n = 1;
      drive;
      #(4 * TENTH) clk = 0;
      #(4 * TENTH) quiet = quiet + 1;
      check_output;
      check_input;
      #(TENTH) clk = 1;
      done = found >= OUTPUTS && taken == INPUTS && quiet >= QUIET;
      cycle = cycle + 1;
      if (!done && !failed && quiet >= DEADLOCK) begin
        $display("FAIL @UNIT@: nothing moved up to cycle %0d, %0d of %0d beats taken, %0d of %0d given", cycle, taken,
                 INPUTS, found, OUTPUTS);
        failed = 1;
      end
    end
    if (failed) $fatal;
    $display("PASS @UNIT@: %0d input beats, %0d output beats, %0d cycles", taken, found, cycle - QUIET);
    $finish;
  end
endmodule
)V";

std::string field_checks(const kernels::BeatShape& shape) {
  std::string text;
  unsigned at = 0;
  for (const kernels::Field& field : shape.fields()) {
    // Elements above 64 bits do not occur (kernels/contract/beat.hpp reads 1..64).
    text += fmt::format(
        "      for (k = 0; k < {0}; k = k + 1)\n"
        "        tell(\"{1}\", k, got[{2} + k * {3} +: {3}], want[{2} + k * {3} +: {3}]);\n",
        field.count, field.name, at, field.bits);
    at += field.bits * field.count;
  }
  return text;
}

}  // namespace

std::string unit_bench(const UnitExportRequest& request, const UnitVectors& vectors) {
  const kernels::UnitInfo& unit = request.unit;
  const kernels::BeatShape out = unit.output_shape(request.parameters);
  std::string parameters;
  for (const kernels::ParameterSpec& spec : unit.parameters)
    parameters +=
        fmt::format("{}.{}({})", parameters.empty() ? "" : ", ", spec.rtl_name, request.parameters.at(spec.name));
  const bool config = unit.has_config;
  const std::size_t writes = vectors.stimulus.config.size();
  return filled_script(
      kBench,
      {{"UNIT", unit.name},
       {"POINT", kernels::parameters_text(request.parameters)},
       {"FORMAT", request.format.id()},
       {"SEED", std::to_string(request.seed)},
       {"STALLS", std::to_string(request.stall_percent)},
       {"TENTH", fmt::format("{:.0f}", 1e5 / request.clock_mhz)},
       {"IN_BITS", std::to_string(unit.input_shape(request.parameters).bits())},
       {"OUT_BITS", std::to_string(out.bits())},
       {"CONFIGS", std::to_string(writes)},
       {"INPUTS", std::to_string(vectors.stimulus.input.count)},
       {"OUTPUTS", std::to_string(vectors.expected.size())},
       {"STALL_CYCLES", std::to_string(vectors.stall_cycles)},
       {"QUIET", std::to_string(kernels::kQuietCycles)},
       {"DEADLOCK", std::to_string(vectors.stimulus.deadlock_cycles)},
       {"PARAMETERS", parameters.empty() ? "" : "#(" + parameters + ") "},
       {"FIELDS", field_checks(out)},
       {"CONFIG_REGISTERS",
        config ? "  reg                 cfg_valid;\n  reg  [7:0]          cfg_addr;\n  reg  [31:0]         cfg_data;\n"
               : ""},
       {"CONFIG_PORTS", config ? "\n    .cfg_valid_i(cfg_valid), .cfg_addr_i(cfg_addr), .cfg_data_i(cfg_data)," : ""},
       {"CONFIG_MEMORY", writes > 0 ? "  reg [39:0]         configs [0:CONFIGS-1];  // address, data\n" : ""},
       {"CONFIG_DRIVE", writes > 0
                            ? "      cfg_valid = cycle < CONFIGS;\n      if (cycle < CONFIGS) {cfg_addr, cfg_data} = "
                              "configs[cycle];\n"
                            : ""},
       {"CONFIG_READ", writes > 0 ? "    $readmemh(\"vectors/config.hex\", configs);\n" : ""},
       {"CONFIG_START", config ? "    cfg_valid = 0;\n    cfg_addr = 0;\n    cfg_data = 0;\n" : ""}});
}

}  // namespace subbyte::sim
