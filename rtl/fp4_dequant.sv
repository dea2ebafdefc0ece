// fp4_dequant turns four-bit minifloat codes under a one-byte block scale into FP16 or BF16 (kernels/ARITHMETIC.md 9,
// kernels/TIMING.md).
//
// Function    value = ±(q/2) m, rounded once (nearest even, subnormals kept, saturating); q in 0 1 2 3 4 6 8 12 by the
//             code, or a special value's half units; m = the scale (E8M0, UE4M3, UE5M3), with TensorScale times an FP32
//             number, rounded to FP32. A NaN or infinite m gives NaN in every lane. The sign of zeros is kept.
// Parameters  Lanes codes per beat under one scale; Bf16 = 1: BF16 values; TensorScale = 0: m is the scale.
// Input       {selector x2, scale x8, code[Lanes] x4}, first field lowest: code, scale, selector.
// Output      {value[Lanes] x16}.
// Configure   0: {scale_selector, special_code x4, remap, scale format x2 (0 E8M0, 1 UE4M3, 2 and 3 UE5M3)}; 1: tensor
//             scale (FP32, the sign is ignored); 2..5: special value of selector 0..3 {negative, half units x5}. With
//             remap the code special_code is the special value of the selector: bit 7 of a UE4M3 scale byte with
//             scale_selector, else the beat's field. Reset: UE4M3, no remapping, 1.0, zeros. Read when a beat enters.
// Latency     2.
// Throughput  One beat per cycle.
// Handshake   Elastic: in_ready = a stage is empty, or out_ready. Configuration writes are always accepted.
// Cycles      n beats take n cycles, plus 2 to drain.
module fp4_dequant #(
  parameter bit [31:0] Lanes = 16,
  parameter bit [31:0] Bf16 = 0,
  parameter bit [31:0] TensorScale = 1
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                cfg_valid_i,
  input  logic [7:0]          cfg_addr_i,
  input  logic [31:0]         cfg_data_i,
  input  logic                in_valid_i,
  output logic                in_ready_o,
  input  logic [4*Lanes+9:0]  in_data_i,
  output logic                out_valid_o,
  input  logic                out_ready_i,
  output logic [16*Lanes-1:0] out_data_o
);
  localparam bit [31:0] SigWidth = (TensorScale != 0) ? 24 : 4;

  // Configuration.
  logic [7:0]  control_q;
  logic [23:0] specials_q;
  always_ff @(posedge clk_i) begin : config_write
    if (!rst_ni) begin
      control_q <= 8'd1;
      specials_q <= '0;
    end else if (cfg_valid_i) begin
      if (cfg_addr_i == 8'd0) control_q <= cfg_data_i[7:0];
      for (int unsigned s = 0; s < 4; s++) begin
        if (cfg_addr_i == 8'(s + 2)) specials_q[s*6 +: 6] <= cfg_data_i[5:0];
      end
    end
  end

  // The multiplier m is {nan, exponent field (at least 1), significand}.
  logic                scale_nan, m_nan;
  logic [7:0]          scale_exp, m_exp;
  logic [3:0]          scale_sig;
  logic [SigWidth-1:0] m_sig;
  logic [7:0]          scale;
  assign scale = in_data_i[4*Lanes +: 8];
  fp4_scale u_scale (
    .format_i(control_q[1:0]), .scale_i(scale), .nan_o(scale_nan), .exponent_o(scale_exp), .significand_o(scale_sig));
  if (TensorScale != 0) begin : gen_tensor_scale
    // Under a multiplier that is subnormal in FP32, FP16 values are zero.
    fp4_tensor_scale #(.Underflow(Bf16)) u_tensor_scale (
      .clk_i(clk_i), .rst_ni(rst_ni), .write_i(cfg_valid_i && (cfg_addr_i == 8'd1)), .data_i(cfg_data_i[30:0]),
      .nan_i(scale_nan), .exponent_i(scale_exp), .significand_i(scale_sig),
      .nan_o(m_nan), .exponent_o(m_exp), .significand_o(m_sig));
  end else begin : gen_scale_alone
    // 2^-127 is subnormal in FP32.
    assign m_nan = scale_nan;
    assign m_exp = (scale_exp == 8'd0) ? 8'd1 : scale_exp;
    assign m_sig = (scale_exp == 8'd0) ? {1'b0, scale_sig[3:1]} : scale_sig;
  end

  // This is the special value of the beat.
  logic       selector_in_scale;
  logic [1:0] selector;
  logic [5:0] special;
  assign selector_in_scale = control_q[7] && (control_q[1:0] == 2'd1);
  assign selector = selector_in_scale ? {1'b0, scale[7]} : in_data_i[4*Lanes+8 +: 2];
  assign special = specials_q[6*selector +: 6];

  logic [1:0] load;
  elastic_control #(.Stages(2)) u_control (
    .clk_i(clk_i), .rst_ni(rst_ni), .in_valid_i(in_valid_i), .in_ready_o(in_ready_o), .out_valid_o(out_valid_o),
    .out_ready_i(out_ready_i), .load_o(load));

  // Stage 0 makes the multiplier, once, and the levels {negative, half units}.
  logic                nan_q;
  logic [7:0]          exponent_q;
  logic [SigWidth-1:0] significand_q;
  always_ff @(posedge clk_i) begin : multiplier
    if (!rst_ni) begin
      nan_q <= 1'b0;
      exponent_q <= '0;
      significand_q <= '0;
    end else if (load[0]) begin
      nan_q <= m_nan;
      exponent_q <= m_exp;
      significand_q <= m_sig;
    end
  end

  logic [16*Lanes-1:0] value_q;
  assign out_data_o = value_q;
  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    logic [3:0] code;
    logic [4:0] half_units;
    logic [5:0] level_q;
    assign code = in_data_i[4*l +: 4];
    // In E2M1 a code is f half units below exponent 1, and otherwise (2 + f) 2^(e-1).
    assign half_units = (code[2:1] == 2'd0) ? {4'd0, code[0]} : {3'd0, 1'b1, code[0]} << (code[2:1] - 2'd1);
    always_ff @(posedge clk_i) begin : level
      if (!rst_ni) level_q <= '0;
      else if (load[0]) level_q <= (control_q[2] && (code == control_q[6:3])) ? special : {code[3], half_units};
    end

    // Stage 1 makes the value.
    logic [15:0] value;
    fp4_value #(.SigWidth(SigWidth), .Bf16(Bf16)) u_value (
      .negative_i(level_q[5]), .half_units_i(level_q[4:0]), .nan_i(nan_q), .exponent_i(exponent_q),
      .significand_i(significand_q), .value_o(value));
    always_ff @(posedge clk_i) begin : output_register
      if (!rst_ni) value_q[16*l +: 16] <= '0;
      else if (load[1]) value_q[16*l +: 16] <= value;
    end
  end

  logic unused_cfg;
  assign unused_cfg = ^cfg_data_i;
endmodule
