// Adds the products of two blocks of two's complement integers, modulo 2^SumWidth, as one sum of partial products.
// Those with one sign bit count negatively: they are complemented (Baugh and Wooley), and a constant per product
// corrects that, so that no partial product is sign-extended. It is combinational.
module integer_dot #(
  parameter bit [31:0] Block = 32,
  parameter bit [31:0] Bits = 8,
  parameter bit [31:0] SumWidth = 21
) (
  input  logic [Block*Bits-1:0] a_i,
  input  logic [Block*Bits-1:0] b_i,
  output logic [SumWidth-1:0]   sum_o
);
  // Each product adds -(2^(Bits-1) - 1) 2^(Bits-1) for each of the two complemented rows.
  localparam logic [SumWidth-1:0] Correction = SumWidth'(Block * (2 ** (Bits - 1) - 1) * 2 ** Bits);

  logic [Block*Bits*Bits-1:0] row;
  for (genvar i = 0; i < Block; i++) begin : gen_product
    logic [Bits-1:0] a;
    assign a = a_i[i*Bits +: Bits];
    for (genvar j = 0; j < Bits; j++) begin : gen_row
      localparam logic [Bits-1:0] Complement =
          (j == Bits - 1) ? {1'b0, {(Bits-1){1'b1}}} : {1'b1, {(Bits-1){1'b0}}};
      assign row[(i*Bits+j)*Bits +: Bits] = (a & {Bits{b_i[i*Bits+j]}}) ^ Complement;
    end
  end

  always_comb begin
    sum_o = -Correction;
    for (int unsigned i = 0; i < Block; i++) begin
      for (int unsigned j = 0; j < Bits; j++) begin
        sum_o = sum_o + (SumWidth'(row[(i*Bits+j)*Bits +: Bits]) << j);
      end
    end
  end
endmodule
