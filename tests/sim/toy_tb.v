// SPDX-License-Identifier: Apache-2.0
//
// A network of one dense layer and its test bench in one, to test the flow finn_sim: eight bits in, three scores of
// four bits out, a score being the number of bits that equal a weight. +fault=N inverts bit 0 of image N's scores,
// +stop=N ends the run in silence before image N.
`timescale 1ns/1ps
`default_nettype none
module toy_tb;
    localparam integer LATENCY = 5;
    localparam integer INTERVAL = 3;

    reg  [7:0]  stimulus [0:255];
    reg  [11:0] scores   [0:255];
    reg  [3:0]  labels   [0:255];
    reg         aclk = 1'b0;
    integer     images, fault, stop, index, cycle, mismatches;
    reg  [11:0] got;
    reg  [3:0]  label;
    reg         match;

    always #5 aclk = !aclk;

    function [3:0] score(input [7:0] bits, input [7:0] weights);
        integer i;
        begin
            score = 4'd0;
            for (i = 0; i < 8; i = i + 1)
                if (bits[i] == weights[i])
                    score = score + 4'd1;
        end
    endfunction

    function [3:0] largest(input [11:0] of);
        begin
            largest = 4'd0;
            if (of[7:4] > of[3:0])
                largest = 4'd1;
            if (of[11:8] > of[3:0] && of[11:8] > of[7:4])
                largest = 4'd2;
        end
    endfunction

    initial begin
        if (!$value$plusargs("images=%d", images))
            images = 0;
        if (!$value$plusargs("fault=%d", fault))
            fault = -1;
        if (!$value$plusargs("stop=%d", stop))
            stop = -1;
        $readmemh("stimulus.mem", stimulus, 0, images - 1);
        $readmemh("scores.mem", scores, 0, images - 1);
        $readmemh("labels.mem", labels, 0, images - 1);
        mismatches = 0;
        index = 0;
        cycle = 0;
    end

    always @(posedge aclk) begin
        cycle <= cycle + 1;
        if (index == stop)
            $finish;
        else if (cycle == LATENCY + INTERVAL * index) begin
            got = {score(stimulus[index], 8'h0f), score(stimulus[index], 8'hf0), score(stimulus[index], 8'hff)};
            label = largest(got);
            if (index == fault)
                got = got ^ 12'd1;
            match = got === scores[index] && label === labels[index];
            $display("IMAGE %0d label=%0d scores=%h start=%0d end=%0d match=%0d",
                     index, label, got, INTERVAL * index, cycle, match);
            $fflush;
            if (!match)
                mismatches = mismatches + 1;
            index = index + 1;
            if (index == images) begin
                $display("DONE images=%0d mismatches=%0d cycles=%0d", images, mismatches, cycle);
                if (mismatches != 0)
                    $fatal(1);
                $finish;
            end
        end
    end
endmodule
`default_nettype wire
