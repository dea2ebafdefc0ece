// Generated from quant/ by testbenches/tables/tables.cpp; do not edit.
// Terms of int3-asym: reference for proofs of term_encoder.
module terms_int3_asym (
  input  logic [7:0]  code_i,
  input  logic [1:0]  selector_i,
  input  logic [7:0]  zero_i,
  input  logic [2:0]  index_i,    // number of the term
  output logic        legal_o,
  output logic [7:0]  term_o,     // {negative, nonzero, shift x6}
  output logic [13:0] control_o
);
  logic [15:0] terms;
  assign control_o = 14'h000a;
  assign term_o = 8'(terms >> {index_i, 3'b000});
  always_comb begin
    legal_o = 1'b1;
    unique case ({zero_i, selector_i, code_i})
      {8'h00, 2'd0, 8'h00}: terms = 16'h0000;
      {8'h00, 2'd0, 8'h01}: terms = 16'h0040;
      {8'h00, 2'd0, 8'h02}: terms = 16'h42c1;
      {8'h00, 2'd0, 8'h03}: terms = 16'h42c0;
      {8'h00, 2'd0, 8'h04}: terms = 16'h4200;
      {8'h00, 2'd0, 8'h05}: terms = 16'h4240;
      {8'h00, 2'd0, 8'h06}: terms = 16'h43c1;
      {8'h00, 2'd0, 8'h07}: terms = 16'h43c0;
      {8'h01, 2'd0, 8'h00}: terms = 16'h00c0;
      {8'h01, 2'd0, 8'h01}: terms = 16'h0000;
      {8'h01, 2'd0, 8'h02}: terms = 16'h0040;
      {8'h01, 2'd0, 8'h03}: terms = 16'h42c1;
      {8'h01, 2'd0, 8'h04}: terms = 16'h42c0;
      {8'h01, 2'd0, 8'h05}: terms = 16'h4200;
      {8'h01, 2'd0, 8'h06}: terms = 16'h4240;
      {8'h01, 2'd0, 8'h07}: terms = 16'h43c1;
      {8'h02, 2'd0, 8'h00}: terms = 16'h00c1;
      {8'h02, 2'd0, 8'h01}: terms = 16'h00c0;
      {8'h02, 2'd0, 8'h02}: terms = 16'h0000;
      {8'h02, 2'd0, 8'h03}: terms = 16'h0040;
      {8'h02, 2'd0, 8'h04}: terms = 16'h42c1;
      {8'h02, 2'd0, 8'h05}: terms = 16'h42c0;
      {8'h02, 2'd0, 8'h06}: terms = 16'h4200;
      {8'h02, 2'd0, 8'h07}: terms = 16'h4240;
      {8'h03, 2'd0, 8'h00}: terms = 16'hc240;
      {8'h03, 2'd0, 8'h01}: terms = 16'h00c1;
      {8'h03, 2'd0, 8'h02}: terms = 16'h00c0;
      {8'h03, 2'd0, 8'h03}: terms = 16'h0000;
      {8'h03, 2'd0, 8'h04}: terms = 16'h0040;
      {8'h03, 2'd0, 8'h05}: terms = 16'h42c1;
      {8'h03, 2'd0, 8'h06}: terms = 16'h42c0;
      {8'h03, 2'd0, 8'h07}: terms = 16'h4200;
      {8'h04, 2'd0, 8'h00}: terms = 16'hc200;
      {8'h04, 2'd0, 8'h01}: terms = 16'hc240;
      {8'h04, 2'd0, 8'h02}: terms = 16'h00c1;
      {8'h04, 2'd0, 8'h03}: terms = 16'h00c0;
      {8'h04, 2'd0, 8'h04}: terms = 16'h0000;
      {8'h04, 2'd0, 8'h05}: terms = 16'h0040;
      {8'h04, 2'd0, 8'h06}: terms = 16'h42c1;
      {8'h04, 2'd0, 8'h07}: terms = 16'h42c0;
      {8'h05, 2'd0, 8'h00}: terms = 16'hc2c0;
      {8'h05, 2'd0, 8'h01}: terms = 16'hc200;
      {8'h05, 2'd0, 8'h02}: terms = 16'hc240;
      {8'h05, 2'd0, 8'h03}: terms = 16'h00c1;
      {8'h05, 2'd0, 8'h04}: terms = 16'h00c0;
      {8'h05, 2'd0, 8'h05}: terms = 16'h0000;
      {8'h05, 2'd0, 8'h06}: terms = 16'h0040;
      {8'h05, 2'd0, 8'h07}: terms = 16'h42c1;
      {8'h06, 2'd0, 8'h00}: terms = 16'hc2c1;
      {8'h06, 2'd0, 8'h01}: terms = 16'hc2c0;
      {8'h06, 2'd0, 8'h02}: terms = 16'hc200;
      {8'h06, 2'd0, 8'h03}: terms = 16'hc240;
      {8'h06, 2'd0, 8'h04}: terms = 16'h00c1;
      {8'h06, 2'd0, 8'h05}: terms = 16'h00c0;
      {8'h06, 2'd0, 8'h06}: terms = 16'h0000;
      {8'h06, 2'd0, 8'h07}: terms = 16'h0040;
      {8'h07, 2'd0, 8'h00}: terms = 16'hc340;
      {8'h07, 2'd0, 8'h01}: terms = 16'hc2c1;
      {8'h07, 2'd0, 8'h02}: terms = 16'hc2c0;
      {8'h07, 2'd0, 8'h03}: terms = 16'hc200;
      {8'h07, 2'd0, 8'h04}: terms = 16'hc240;
      {8'h07, 2'd0, 8'h05}: terms = 16'h00c1;
      {8'h07, 2'd0, 8'h06}: terms = 16'h00c0;
      {8'h07, 2'd0, 8'h07}: terms = 16'h0000;
      default: begin
        terms = '0;
        legal_o = 1'b0;
      end
    endcase
  end
endmodule
