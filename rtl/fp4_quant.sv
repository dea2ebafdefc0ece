// fp4_quant turns a block of FP16 or BF16 values into E2M1 codes and a scale byte (kernels/ARITHMETIC.md 9,
// kernels/TIMING.md).
//
// Function    The scale comes from the largest magnitude: a power of two as E8M0 (OCP MX floor, ceil, even), or UE4M3
//             of amax * enc (nvfp4), each worth D. A code is the level nearest to x / D, ties to even, saturating,
//             decided exactly: magnitudes are ordered like their 15-bit patterns, so each of the seven thresholds t D
//             becomes, once per block, the smallest pattern that counts as above it, and a lane is seven comparisons. A
//             NaN or Inf in the block (nvfp4: also in enc or dec) gives a NaN scale and codes 0.
//             Signs of zeros are kept.
// Parameters  Block values per beat; Bf16 = 1: BF16 values.
// Input       {value[Block] x16}.
// Output      {scale x8, code[Block] x4}, codes lowest.
// Configure   0: mode x2 (0 floor, 1 ceil, 2 even, 3 nvfp4); 1: enc; 2: dec (FP32, signs ignored; D = scale * dec).
//             Reset: floor, 1/6, 1.0. Written before the first beat.
// Latency     4 (amax | scale | thresholds | codes).
// Throughput  One block per cycle.
// Handshake   Elastic: in_ready = a stage is empty, or out_ready. Configuration writes are always accepted.
// Cycles      n blocks take n cycles, plus 4 to drain.
module fp4_quant #(
  parameter bit [31:0] Block = 16,
  parameter bit [31:0] Bf16 = 0
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                cfg_valid_i,
  input  logic [7:0]          cfg_addr_i,
  input  logic [31:0]         cfg_data_i,
  input  logic                in_valid_i,
  output logic                in_ready_o,
  input  logic [16*Block-1:0] in_data_i,
  output logic                out_valid_o,
  input  logic                out_ready_i,
  output logic [4*Block+7:0]  out_data_o
);
  localparam logic [14:0] Infinity = (Bf16 != 0) ? 15'h7F80 : 15'h7C00;

  // Configuration.
  logic [1:0]         mode_q;
  logic               nvfp4, enc_nonfinite, dec_nonfinite;
  logic signed [10:0] enc_exp, dec_exp;
  logic [23:0]        enc_sig, dec_sig;
  always_ff @(posedge clk_i) begin : mode_write
    if (!rst_ni) mode_q <= 2'd0;
    else if (cfg_valid_i && (cfg_addr_i == 8'd0)) mode_q <= cfg_data_i[1:0];
  end
  assign nvfp4 = (mode_q == 2'd3);
  fp4_factor #(.Reset(31'h3E2AAAAB)) u_enc (
    .clk_i(clk_i), .rst_ni(rst_ni), .write_i(cfg_valid_i && (cfg_addr_i == 8'd1)), .data_i(cfg_data_i[30:0]),
    .nonfinite_o(enc_nonfinite), .exponent_o(enc_exp), .significand_o(enc_sig));
  fp4_factor u_dec (
    .clk_i(clk_i), .rst_ni(rst_ni), .write_i(cfg_valid_i && (cfg_addr_i == 8'd2)), .data_i(cfg_data_i[30:0]),
    .nonfinite_o(dec_nonfinite), .exponent_o(dec_exp), .significand_o(dec_sig));

  logic [3:0] load;
  elastic_control #(.Stages(4)) u_control (
    .clk_i(clk_i), .rst_ni(rst_ni), .in_valid_i(in_valid_i), .in_ready_o(in_ready_o), .out_valid_o(out_valid_o),
    .out_ready_i(out_ready_i), .load_o(load));

  // The values wait for their thresholds.
  logic [16*Block-1:0] values0_q, values1_q, values2_q;
  always_ff @(posedge clk_i) begin : values
    if (!rst_ni) begin
      values0_q <= '0;
      values1_q <= '0;
      values2_q <= '0;
    end else begin
      if (load[0]) values0_q <= in_data_i;
      if (load[1]) values1_q <= values0_q;
      if (load[2]) values2_q <= values1_q;
    end
  end

  // Stage 0 finds the largest magnitude, and stage 1 the scale, with all ones for NaN in the mode's format.
  logic [14:0] amax, amax_q;
  logic        nan, nan1_q, nan2_q;
  logic [7:0]  scale, scale1_q, scale2_q;
  block_amax #(.Count(Block)) u_amax (.values_i(in_data_i), .amax_o(amax));
  assign nan = (amax_q >= Infinity) || (nvfp4 && (enc_nonfinite || dec_nonfinite));
  fp4_block_scale #(.Bf16(Bf16)) u_block_scale (
    .mode_i(mode_q), .amax_i(amax_q), .enc_exponent_i(enc_exp), .enc_significand_i(enc_sig), .scale_o(scale));
  always_ff @(posedge clk_i) begin : block_scale
    if (!rst_ni) begin
      amax_q <= '0;
      nan1_q <= 1'b0;
      nan2_q <= 1'b0;
      scale1_q <= '0;
      scale2_q <= '0;
    end else begin
      if (load[0]) amax_q <= amax;
      if (load[1]) begin
        nan1_q <= nan;
        scale1_q <= nan ? {!nvfp4, 7'h7F} : scale;
      end
      if (load[2]) begin
        nan2_q <= nan1_q;
        scale2_q <= scale1_q;
      end
    end
  end

  // Stage 2 makes D as a normal number, and the pattern of each threshold.
  logic               unused_nan;
  logic [7:0]         scale_exp;
  logic [3:0]         scale_sig;
  logic [23:0]        factor;
  logic [27:0]        product, divisor_sig;
  logic signed [11:0] divisor_exp;
  fp4_scale u_scale (
    .format_i({1'b0, nvfp4}), .scale_i(scale1_q), .nan_o(unused_nan),
    .exponent_o(scale_exp), .significand_o(scale_sig));
  assign factor = nvfp4 ? dec_sig : 24'h800000;
  assign product = 28'(scale_sig) * 28'(factor);
  assign divisor_sig = product[27] ? product : product << 1;
  assign divisor_exp = 12'(scale_exp) + (nvfp4 ? 12'(dec_exp) - 12'sd127 : 12'sd0) + 12'(product[27]);

  // The quarters are 1 3 5 7 10 14 20; ties go to the even code.
  logic [7*15-1:0] patterns, patterns_q;
  for (genvar t = 0; t < 7; t++) begin : gen_threshold
    fp4_threshold #(
      .Odd(t == 0 ? 1 : t == 1 ? 3 : (t == 2 || t == 4 || t == 6) ? 5 : 7),
      .Power(t < 4 ? -12'sd2 : t < 6 ? -12'sd1 : 12'sd0),
      .Strict(1 - t % 2),
      .Bf16(Bf16)
    ) u_threshold (
      .zero_i(!divisor_sig[27]), .exponent_i(divisor_exp), .significand_i(divisor_sig),
      .pattern_o(patterns[15*t +: 15]));
  end
  always_ff @(posedge clk_i) begin : thresholds
    if (!rst_ni) patterns_q <= '0;
    else if (load[2]) patterns_q <= patterns;
  end

  // Stage 3 makes the codes.
  logic [4*Block+7:0] out, out_q;
  for (genvar i = 0; i < Block; i++) begin : gen_lane
    logic [6:0] passed;
    logic [2:0] magnitude;
    for (genvar t = 0; t < 7; t++) begin : gen_compare
      assign passed[t] = (values2_q[16*i +: 15] >= patterns_q[15*t +: 15]);
    end
    // The thresholds ascend, so as many are passed as the highest one says.
    assign magnitude[2] = passed[3];
    assign magnitude[1] = passed[3] ? passed[5] : passed[1];
    assign magnitude[0] =
        passed[6] || (passed[4] && !passed[5]) || (passed[2] && !passed[3]) || (passed[0] && !passed[1]);
    assign out[4*i +: 4] = nan2_q ? 4'd0 : {values2_q[16*i+15], magnitude};
  end
  assign out[4*Block +: 8] = scale2_q;
  always_ff @(posedge clk_i) begin : output_register
    if (!rst_ni) out_q <= '0;
    else if (load[3]) out_q <= out;
  end
  assign out_data_o = out_q;

  logic unused_cfg;
  assign unused_cfg = cfg_data_i[31];
endmodule
