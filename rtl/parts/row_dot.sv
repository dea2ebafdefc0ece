// The exact dot product of a row's integers and a column's signed bytes (as booth_digits gives them), as one sum of
// four rows per product: 0, ±value or ±2 value. A negative row is complemented and its missing 1 added beside it; sign
// bits are inverted and one constant corrects that, so that no row is sign-extended. It is combinational.
module row_dot #(
  parameter bit [31:0] Lanes = 4,
  parameter bit [31:0] ValueWidth = 18,
  parameter bit [31:0] SumWidth = 26  // bits of the sum beside its sign
) (
  input  logic [Lanes*ValueWidth-1:0] value_i,  // two's complement
  input  logic [Lanes*12-1:0]         digit_i,
  output logic [SumWidth:0]           sum_o
);
  localparam bit [31:0] RowWidth = ValueWidth + 1;
  // 2^ValueWidth per row: 1 + 4 + 16 + 64 of them per product.
  localparam logic [SumWidth:0] Correction = (SumWidth+1)'(Lanes * 85) << ValueWidth;

  logic [Lanes*4*RowWidth-1:0] rows;
  logic [Lanes*4-1:0] negatives;
  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    logic [ValueWidth-1:0] value;
    assign value = value_i[l*ValueWidth +: ValueWidth];
    for (genvar j = 0; j < 4; j++) begin : gen_row
      logic negative, two, one;
      logic [RowWidth-1:0] row;
      assign {negative, two, one} = digit_i[(l*4+j)*3 +: 3];
      assign row = (({value[ValueWidth-1], value} & {RowWidth{one}}) | ({value, 1'b0} & {RowWidth{two}})) ^
                   {RowWidth{negative}};
      assign rows[(l*4+j)*RowWidth +: RowWidth] = {!row[RowWidth-1], row[RowWidth-2:0]};
      assign negatives[l*4+j] = negative;
    end
  end
  always_comb begin : add_rows
    sum_o = -Correction;
    for (int unsigned l = 0; l < Lanes; l++) begin
      for (int unsigned j = 0; j < 4; j++) begin
        sum_o = sum_o + ((SumWidth+1)'(rows[(l*4+j)*RowWidth +: RowWidth]) << (2 * j));
        sum_o = sum_o + ((SumWidth+1)'(negatives[l*4+j]) << (2 * j));
      end
    end
  end
endmodule
