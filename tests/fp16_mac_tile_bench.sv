// Reads "GAP DATA" per input beat (GAP idle cycles before it), writes "i CYCLE" per accepted last beat and "o
// CYCLE DATA" per output beat. Cycle 0 is the first rising edge out of reset.
module bench #(parameter int unsigned Rows = 8, parameter int unsigned Cols = 8);
  logic clk = 0, rst_n = 0, in_valid = 0, in_ready, out_valid, out_ready = 0;
  logic [(Rows+Cols)*16:0] in_data = '0, next_data;
  logic [Cols*32-1:0] out_data;
  fp16_mac_tile #(.Rows(Rows), .Cols(Cols)) dut (
    .clk_i(clk), .rst_ni(rst_n), .in_valid_i(in_valid), .in_ready_o(in_ready), .in_data_i(in_data),
    .out_valid_o(out_valid), .out_ready_i(out_ready), .out_data_o(out_data));
  always #2 clk = !clk;
  int stim, result, gap, cycle, quiet, percent;
  logic have = 0, more = 1;
  logic [31:0] random = 32'h2545F491;
  initial begin
    void'($value$plusargs("percent=%d", percent));
    stim = $fopen("stimulus.txt", "r");
    result = $fopen("result.txt", "w");
    cycle = 0;
    quiet = 0;
    repeat (3) @(negedge clk);
    rst_n = 1;
    while (quiet < 100) begin
      if (!have && more) begin
        if ($fscanf(stim, "%d %h", gap, next_data) == 2) have = 1;
        else more = 0;
      end
      if (have && !in_valid && gap > 0) gap = gap - 1;
      else if (have && !in_valid) begin in_valid = 1; in_data = next_data; end
      random = random ^ (random << 13); random = random ^ (random >> 17); random = random ^ (random << 5);
      out_ready = (random % 100) >= percent;
      #1;
      quiet = quiet + 1;
      if (in_valid && in_ready) begin
        if (in_data[(Rows+Cols)*16]) $fwrite(result, "i %0d\n", cycle);
        quiet = 0;
      end
      if (out_valid && out_ready) begin $fwrite(result, "o %0d %h\n", cycle, out_data); quiet = 0; end
      if (in_valid && in_ready) begin have = 0; end
      @(posedge clk);
      cycle = cycle + 1;
      @(negedge clk);
      if (!have) in_valid = 0;
    end
    $fclose(result);
    $finish;
  end
endmodule
