// Generated from quant/ by testbenches/tables/tables.cpp; do not edit.
// Terms of bitmod-fp4: reference for proofs of term_encoder.
module terms_bitmod_fp4 (
  input  logic [7:0]  code_i,
  input  logic [1:0]  selector_i,
  input  logic [7:0]  zero_i,
  input  logic [2:0]  index_i,    // number of the term
  output logic        legal_o,
  output logic [7:0]  term_o,     // {negative, nonzero, shift x6}
  output logic [13:0] control_o
);
  logic [15:0] terms;
  assign control_o = 14'h0229;
  assign term_o = 8'(terms >> {index_i, 3'b000});
  always_comb begin
    legal_o = 1'b1;
    unique case ({zero_i, selector_i, code_i})
      {8'h00, 2'd0, 8'h00}: terms = 16'h0000;
      {8'h00, 2'd0, 8'h01}: terms = 16'h0040;
      {8'h00, 2'd0, 8'h02}: terms = 16'h0041;
      {8'h00, 2'd0, 8'h03}: terms = 16'hc042;
      {8'h00, 2'd0, 8'h04}: terms = 16'h0042;
      {8'h00, 2'd0, 8'h05}: terms = 16'hc143;
      {8'h00, 2'd0, 8'h06}: terms = 16'h0043;
      {8'h00, 2'd0, 8'h07}: terms = 16'hc244;
      {8'h00, 2'd0, 8'h08}: terms = 16'h4143;
      {8'h00, 2'd0, 8'h09}: terms = 16'h00c0;
      {8'h00, 2'd0, 8'h0a}: terms = 16'h00c1;
      {8'h00, 2'd0, 8'h0b}: terms = 16'h40c2;
      {8'h00, 2'd0, 8'h0c}: terms = 16'h00c2;
      {8'h00, 2'd0, 8'h0d}: terms = 16'h41c3;
      {8'h00, 2'd0, 8'h0e}: terms = 16'h00c3;
      {8'h00, 2'd0, 8'h0f}: terms = 16'h42c4;
      {8'h00, 2'd1, 8'h00}: terms = 16'h0000;
      {8'h00, 2'd1, 8'h01}: terms = 16'h0040;
      {8'h00, 2'd1, 8'h02}: terms = 16'h0041;
      {8'h00, 2'd1, 8'h03}: terms = 16'hc042;
      {8'h00, 2'd1, 8'h04}: terms = 16'h0042;
      {8'h00, 2'd1, 8'h05}: terms = 16'hc143;
      {8'h00, 2'd1, 8'h06}: terms = 16'h0043;
      {8'h00, 2'd1, 8'h07}: terms = 16'hc244;
      {8'h00, 2'd1, 8'h08}: terms = 16'hc1c3;
      {8'h00, 2'd1, 8'h09}: terms = 16'h00c0;
      {8'h00, 2'd1, 8'h0a}: terms = 16'h00c1;
      {8'h00, 2'd1, 8'h0b}: terms = 16'h40c2;
      {8'h00, 2'd1, 8'h0c}: terms = 16'h00c2;
      {8'h00, 2'd1, 8'h0d}: terms = 16'h41c3;
      {8'h00, 2'd1, 8'h0e}: terms = 16'h00c3;
      {8'h00, 2'd1, 8'h0f}: terms = 16'h42c4;
      {8'h00, 2'd2, 8'h00}: terms = 16'h0000;
      {8'h00, 2'd2, 8'h01}: terms = 16'h0040;
      {8'h00, 2'd2, 8'h02}: terms = 16'h0041;
      {8'h00, 2'd2, 8'h03}: terms = 16'hc042;
      {8'h00, 2'd2, 8'h04}: terms = 16'h0042;
      {8'h00, 2'd2, 8'h05}: terms = 16'hc143;
      {8'h00, 2'd2, 8'h06}: terms = 16'h0043;
      {8'h00, 2'd2, 8'h07}: terms = 16'hc244;
      {8'h00, 2'd2, 8'h08}: terms = 16'h0044;
      {8'h00, 2'd2, 8'h09}: terms = 16'h00c0;
      {8'h00, 2'd2, 8'h0a}: terms = 16'h00c1;
      {8'h00, 2'd2, 8'h0b}: terms = 16'h40c2;
      {8'h00, 2'd2, 8'h0c}: terms = 16'h00c2;
      {8'h00, 2'd2, 8'h0d}: terms = 16'h41c3;
      {8'h00, 2'd2, 8'h0e}: terms = 16'h00c3;
      {8'h00, 2'd2, 8'h0f}: terms = 16'h42c4;
      {8'h00, 2'd3, 8'h00}: terms = 16'h0000;
      {8'h00, 2'd3, 8'h01}: terms = 16'h0040;
      {8'h00, 2'd3, 8'h02}: terms = 16'h0041;
      {8'h00, 2'd3, 8'h03}: terms = 16'hc042;
      {8'h00, 2'd3, 8'h04}: terms = 16'h0042;
      {8'h00, 2'd3, 8'h05}: terms = 16'hc143;
      {8'h00, 2'd3, 8'h06}: terms = 16'h0043;
      {8'h00, 2'd3, 8'h07}: terms = 16'hc244;
      {8'h00, 2'd3, 8'h08}: terms = 16'h00c4;
      {8'h00, 2'd3, 8'h09}: terms = 16'h00c0;
      {8'h00, 2'd3, 8'h0a}: terms = 16'h00c1;
      {8'h00, 2'd3, 8'h0b}: terms = 16'h40c2;
      {8'h00, 2'd3, 8'h0c}: terms = 16'h00c2;
      {8'h00, 2'd3, 8'h0d}: terms = 16'h41c3;
      {8'h00, 2'd3, 8'h0e}: terms = 16'h00c3;
      {8'h00, 2'd3, 8'h0f}: terms = 16'h42c4;
      default: begin
        terms = '0;
        legal_o = 1'b0;
      end
    endcase
  end
endmodule
