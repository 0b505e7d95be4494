using Google.Protobuf;
using Subp.Core.Diagnostics;
using Subp.Onnx.Protos;
using Xunit;
using static Subp.Onnx.Tests.OnnxFile;

namespace Subp.Onnx.Tests.Import;

/// <summary>Forms of recurrent layers that are refused, each by name and with what is expected.</summary>
public sealed class RecurrentFormTests
{
    [Fact]
    public void A_layer_becomes_a_product_over_all_steps_and_a_recurrence() =>
        Assert.Equal(
            [
                "y.forward.projected = linear(x) [5,2,16]",
                "y.forward = lstm(y.forward.projected) [5,2,4]",
                "y = reshape(y.forward) [5,1,2,4]",
            ],
            Layer("LSTM", "x w r").ImportedNodes()
        );

    [Theory]
    [InlineData("LSTM", "x w r b - - - p", "peepholes P", "do not read the cells")]
    [InlineData("LSTM", "x w r b short", "sequence_lens = [5,4]", "sequences of all 5 steps")]
    [InlineData("GRU", "x w r b short", "sequence_lens = [5,4]", "sequences of all 5 steps")]
    [InlineData("LSTM", "x computed r", "the computed value 'computed' as weight W", "a constant")]
    [InlineData("LSTM", "x w computed", "the computed value 'computed' as recurrent weight R", "a constant")]
    [InlineData("RNN", "x w r computed", "the computed value 'computed' as bias B", "a constant")]
    [InlineData("RNN", "x w r b computed", "the computed value 'computed' as sequence_lens", "a constant")]
    [InlineData("LSTM", "x w r b - p", "an initial_h of shape [1,12]", "[1,2,4]")]
    [InlineData("LSTM", "x w r b - - p", "an initial_c of shape [1,12]", "[1,2,4]")]
    [InlineData("GRU", "x r w", "a recurrent weight R of shape [1,12,3]", "[1,9,3]")]
    [InlineData("GRU", "x r r", "a weight W of shape [1,12,4]", "[1,12,3]")]
    [InlineData("GRU", "x w r p", "a bias B of shape [1,12]", "[1,24]")]
    [InlineData("GRU", "x p r", "a weight W of shape [1,12]", "[1,12,3]")]
    [InlineData("GRU", "x w p", "a recurrent weight R of shape [1,12]", "[1,0,0]")]
    [InlineData("GRU", "flat w r", "an input of shape [10,3]", "[steps, batch, features]")]
    public void Inputs_that_are_not_read_are_refused_by_name(string type, string inputs, string found, string expected)
    {
        var diagnostic = Refused("SUBP0404", Layer(type, inputs));
        Assert.Equal(found, diagnostic.Found);
        Assert.Contains(expected, diagnostic.Expected, StringComparison.Ordinal);
        Assert.Equal($"net.onnx: node '{type}_2' ({type})", diagnostic.Location);
    }

    [Theory]
    [InlineData("LSTM", "Sigmoid,Tanh,Relu", "[Sigmoid, Tanh, Tanh]")]
    [InlineData("LSTM", "Sigmoid", "[Sigmoid, Tanh, Tanh]")]
    [InlineData("GRU", "HardSigmoid,Tanh", "[Sigmoid, Tanh]")]
    [InlineData("RNN", "Affine", "Tanh or Relu, 1 of them")]
    [InlineData("RNN", "Tanh,Tanh", "Tanh or Relu, 1 of them")]
    public void Other_activations_are_refused_by_name(string type, string words, string expected)
    {
        var activations = new AttributeProto
        {
            Name = "activations",
            Type = AttributeProto.Types.AttributeType.Strings,
            Strings = { words.Split(',').Select(ByteString.CopyFromUtf8) },
        };
        var diagnostic = Refused("SUBP0404", Layer(type, "x w r", activations));
        Assert.Equal($"the activations [{words.Replace(",", ", ", StringComparison.Ordinal)}]", diagnostic.Found);
        Assert.Equal(expected, diagnostic.Expected);
        Assert.NotEmpty(diagnostic.Action);
    }

    [Fact]
    public void Other_attributes_are_refused_by_name()
    {
        Assert.Equal("the attribute 'clip'", Refused("SUBP0404", Layer("GRU", "x w r", Real("clip", 5))).Found);
        Assert.Equal("input_forget = 1", Refused("SUBP0404", Layer("LSTM", "x w r", Integer("input_forget", 1))).Found);
        Assert.Equal("direction = sideways", Refused("SUBP0405", Layer("RNN", "x w r", Text("direction", "sideways"))).Found);
        Assert.Equal("hidden_size = 5", Refused("SUBP0405", Layer("RNN", "x w r", Integer("hidden_size", 5))).Found);
        Refused("SUBP0405", Layer("LSTM", "x w r", Integer("linear_before_reset", 1)));
        // Both directions need weights of both.
        Assert.Equal("[2,16,4]", Refused("SUBP0404", Layer("LSTM", "x w r", Text("direction", "bidirectional"))).Expected);
        Assert.Equal("3 to 6", Refused("SUBP0204", Layer("GRU", "x w")).Expected);
    }

    private static Diagnostic Refused(string id, OnnxFile file)
    {
        var diagnostic = Assert.Throws<SubpException>(() => file.Import()).Diagnostic;
        Assert.Equal(id, diagnostic.Descriptor.Id);
        return diagnostic;
    }

    // Five steps of two sequences of three features, four hidden units.
    private static OnnxFile Layer(string type, string inputs, params AttributeProto[] attributes)
    {
        var gates = type switch
        {
            "LSTM" => 4,
            "GRU" => 3,
            _ => 1,
        };
        var file = Create([5, 2, 3]).Weight("w", 1, 4 * gates, 3).Weight("r", 1, 4 * gates, 4).Weight("b", 1, 8 * gates);
        file.Weight("p", 1, 12).Words("short", 5, 4).Integers("two", 10, 3);
        file.Node("Neg", "x", "computed").Node("Reshape", "x two", "flat");
        return file.Node(type, inputs, "y", attributes);
    }
}
