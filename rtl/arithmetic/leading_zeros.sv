// Counts the zeros above the most significant one; the count is Width for zero. It is combinational.
module leading_zeros #(
  parameter bit [31:0] Width = 32,
  parameter bit [31:0] CountWidth = $clog2(Width + 1)
) (
  input  logic [Width-1:0]      data_i,
  output logic [CountWidth-1:0] count_o
);
  always_comb begin
    count_o = CountWidth'(Width);
    for (int unsigned i = 0; i < Width; i++) begin
      if (data_i[i]) count_o = CountWidth'(Width - 1 - i);
    end
  end
endmodule
