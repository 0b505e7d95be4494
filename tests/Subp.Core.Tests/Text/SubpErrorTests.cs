using System.Text;
using Subp.Core.Diagnostics;
using Subp.Core.Text;
using Xunit;

namespace Subp.Core.Tests.Text;

public class SubpErrorTests
{
    private const string Head = "subp 1\nmodel m\ninput x: f32[1,4,5,5]\n";
    private const string Weight = "param w: f32[8,4,3,3]\nparam b: f32[8]\n";
    private const string Conv = "node c: f32[1,8,3,3] = conv2d(x) weight=w bias=b kernel=[3,3]\noutput c\n";

    [Fact]
    public void The_pieces_of_these_tests_parse() => SubpParser.Parse(Head + Weight + Conv, "m.subp");

    [Theory]
    [InlineData("", "m.subp(1,1)", "an empty file", "'subp 1' in the first line")]
    [InlineData("model m\n", "m.subp(1,1)", "'model'", "'subp'")]
    [InlineData("subp 1 2\n", "m.subp(1,8)", "'2'", "the end of the line")]
    [InlineData("subp 1\nmodel\n", "m.subp(2,6)", "the end of the line", "the name of the network")]
    [InlineData("subp 1\nmodel m\nmodel m\n", "m.subp(3,1)", "a second 'model'", "one")]
    [InlineData("subp 1\ninput x: f32[1]\noutput x\n", "m.subp(3,1)", "no model line", "'model' and the name of the network")]
    [InlineData("subp 1\nmodel m\nimput x: f32[1]\n", "m.subp(3,1)", "'imput'", "a keyword")]
    [InlineData("subp 1\nmodel m\nstructure sha256:12\n", "m.subp(3,11)", "'sha256:12'", "sha256: and 64 lower-case hex digits")]
    [InlineData("subp 1\nmodel \"m\n", "m.subp(2,7)", "a string without its closing quote", "'\"' before the end of the line")]
    [InlineData("subp 1\nmodel \"a\\q\"\n", "m.subp(2,9)", "an unknown escape", "one of \\\" \\\\ \\n or \\u and four hex digits")]
    [InlineData("subp 1\nmodel \"\\ud800\"\n", "m.subp(2,7)", "half of a surrogate pair", "well-formed Unicode")]
    [InlineData("subp 1\nmodel \"\"\n", "m.subp(2,7)", "an empty name", "a name of 1 to 1000 characters")]
    [InlineData("subp 1\nmodel m\ninput x f32[1]\n", "m.subp(3,9)", "'f32'", "':'")]
    [InlineData("subp 1\nmodel m\ninput x: i8[1]\n", "m.subp(3,10)", "'i8'", "'f32'")]
    [InlineData("subp 1\nmodel m\ninput x: f32[1\n", "m.subp(3,15)", "the end of the line", "',' or ']'")]
    [InlineData("subp 1\nmodel m\ninput x: f32[1,-1]\n", "m.subp(3,16)", "'-1'", "a dimension from 1 to 2147483647")]
    [InlineData(
        "subp 1\nmodel m\ninput x: f32[99999999999999999999]\n",
        "m.subp(3,14)",
        "'99999999999999999999'",
        "a dimension from 1 to 2147483647"
    )]
    [InlineData("subp 1\nmodel m\ninput x: f32[1,1,1,1,1,1,1,1,1]\n", "m.subp(3,30)", "'1'", "']': at most 8 items")]
    [InlineData("subp 1\nmodel m\nnormalize mean [x] deviation [1]\n", "m.subp(3,17)", "'x'", "a number")]
    [InlineData("subp 1\nmodel m\nclasses a\n", "m.subp(3,9)", "'a'", "a class name in quotes")]
    [InlineData("subp 1\nmodel m\nhint c\n", "m.subp(3,7)", "the end of the line", "key=word")]
    [InlineData("subp 1\nmodel m\nhint c a=1 a=2\n", "m.subp(3,12)", "a second 'a'", "each key once")]
    [InlineData(
        "subp 1\nmodel m\nhint c a=1\nhint c b=2\n",
        "m.subp(4,6)",
        "a second hint line for 'c'",
        "all hints of a node on one line"
    )]
    [InlineData("subp 1\nmodel m\nparam w: f32[4,2] sparse 16\n", "m.subp(3,26)", "'16'", "the block, for example 1x16")]
    [InlineData("subp 1\nmodel m\n\u0001\n", "m.subp(3,1)", "the character U+0001", "a keyword")]
    [InlineData("subp 1\nmodel m", "m.subp(2,1)", "0 inputs and 0 outputs in graph 'm'", "at least one of each")]
    public void A_break_of_the_grammar_names_place_found_and_expected(string text, string location, string found, string expected)
    {
        var diagnostic = Diagnose(text);
        Assert.Equal((location, found, expected), (diagnostic.Location, diagnostic.Found, diagnostic.Expected));
        Assert.Equal(text.EndsWith('m') ? DiagnosticDescriptors.UndefinedName : DiagnosticDescriptors.SubpSyntax, diagnostic.Descriptor);
    }

    [Fact]
    public void SUBP0102_another_version_is_refused()
    {
        var diagnostic = Diagnose("subp 2\n");
        Assert.Equal(("SUBP0102", "m.subp(1,6)", "version 2"), (diagnostic.Descriptor.Id, diagnostic.Location, diagnostic.Found));
    }

    [Fact]
    public void SUBP0103_an_unknown_operator_comes_with_a_suggestion()
    {
        var diagnostic = Diagnose(Head + "node c: f32[1,4,5,5] = softmxa(x)\n");
        Assert.Equal(("SUBP0103", "m.subp(4,24)", "'softmxa'"), (diagnostic.Descriptor.Id, diagnostic.Location, diagnostic.Found));
        Assert.Equal("Did you mean 'softmax'?", diagnostic.Action);
        Assert.StartsWith("Known are: abs, ", Diagnose(Head + "node c: f32[1,4,5,5] = transformer(x)\n").Action);
    }

    [Theory]
    [InlineData("bias=b kernel=[3,3]", 41, "conv2d without 'weight'")]
    [InlineData("weight=w kernel=[3,3] kernle=[1,1]", 44, "'kernle'")]
    [InlineData("weight=w kernel=[3,3] kernel=[3,3]", 44, "a second 'kernel'")]
    [InlineData("weight=w kernel=3", 31, "kernel='3'")]
    [InlineData("weight=w kernel=[3]", 31, "kernel='[3]'")]
    [InlineData("weight=w kernel=[3,x]", 31, "kernel='[3,x]'")]
    [InlineData("weight=w kernel=[3,99999999999]", 31, "kernel='[3,99999999999]'")]
    [InlineData("weight=w kernel=[3,3] groups=one", 44, "groups='one'")]
    [InlineData("weight=w kernel=[3,3] activation=swish", 44, "activation='swish'")]
    [InlineData("weight=w kernel=[3,3] activation=clip minimum=low", 60, "minimum='low'")]
    [InlineData("weight=16 kernel=[3,3]", 22, "weight='16'")]
    public void SUBP0104_a_bad_attribute_is_named_with_its_column(string attributes, int column, string found)
    {
        var diagnostic = Diagnose(Head + Weight + $"node c: f32[1] = conv2d(x) {attributes}\n");
        column = column == 41 ? 22 + 6 + attributes.Length : column + 6;
        Assert.Equal(("SUBP0104", $"m.subp(6,{column})", found), (diagnostic.Descriptor.Id, diagnostic.Location, diagnostic.Found));
    }

    [Fact]
    public void SUBP0105_a_structure_that_was_changed_by_hand_is_refused()
    {
        var text = SubpPrinter.Print(SubpParser.Parse(Head + Weight + Conv, "m.subp")).Replace("bias=b ", "");
        var diagnostic = Diagnose(text);
        Assert.Equal(("SUBP0105", "m.subp(3,11)"), (diagnostic.Descriptor.Id, diagnostic.Location));
    }

    [Theory]
    [InlineData("SUBP0201", 6, "the input 'y' in node 'c'", "node c: f32[1,8,3,3] = conv2d(y) weight=w kernel=[3,3]\n")]
    [InlineData("SUBP0201", 6, "the weight 'v' in node 'c'", "node c: f32[1,8,3,3] = conv2d(x) weight=v kernel=[3,3]\n")]
    [InlineData("SUBP0201", 6, "the value 'z'", "output z\n")]
    [InlineData("SUBP0202", 6, "a second definition in value 'x'", "node x: f32[1,4,5,5] = relu(x)\n")]
    [InlineData("SUBP0202", 6, "a second declaration in parameter 'w'", "param w: f32[1]\n")]
    [InlineData("SUBP0202", 7, "a second output 'x'", "output x\noutput x\n")]
    [InlineData("SUBP0203", 6, "the declared shape [1,8,5,5] of node 'c'", "node c: f32[1,8,5,5] = conv2d(x) weight=w kernel=[3,3]\n")]
    [InlineData(
        "SUBP0203",
        6,
        "a window of 9 along the height in node 'c'",
        "node c: f32[1] = conv2d(x) weight=w kernel=[3,3] dilations=[4,4]\n"
    )]
    [InlineData("SUBP0203", 6, "the shape [0]", "param q: f32[0]\n")]
    [InlineData("SUBP0203", 6, "the range 2 to 1 in node 'c'", "node c: f32[1,4,5,5] = clip(x) minimum=2 maximum=1\n")]
    [InlineData("SUBP0204", 6, "1 inputs of add in node 'c'", "node c: f32[1,4,5,5] = add(x)\n")]
    [InlineData("SUBP0204", 6, "0 inputs of relu in node 'c'", "node c: f32[1,4,5,5] = relu()\n")]
    [InlineData("SUBP0205", 6, "strides = 0 in node 'c'", "node c: f32[1] = conv2d(x) weight=w kernel=[3,3] strides=[0,1]\n")]
    [InlineData("SUBP0205", 6, "pads = 2 in node 'c'", "node c: f32[1] = max_pool(x) kernel=[2,2] pads=[2,0,0,0]\n")]
    [InlineData(
        "SUBP0203",
        6,
        "the result [1,99] for an input of shape [1,4,5,5] in node 'c'",
        "node c: f32[1,99] = reshape(x) shape=[1,99]\n"
    )]
    [InlineData("SUBP0203", 6, "the shape [0]", "node c: f32[1,99] = reshape(x) shape=[0]\n")]
    [InlineData("SUBP0203", 6, "the activation hard_sigmoid[inf,0.5] in node 'c'", "node c: f32[1,4,5,5] = hard_sigmoid(x) alpha=inf\n")]
    [InlineData(
        "SUBP0203",
        7,
        "the shapes [1,4,5,5] and [1,4,2,5] in node 'c'",
        "node d: f32[1,4,2,5] = slice(x) axis=2 begin=0 end=2\nnode c: f32[1,4,5,5] = mul(x, d)\n"
    )]
    [InlineData(
        "SUBP0203",
        7,
        "the shapes [1,4,5,5] and [1,4,1,5] in node 'c'",
        "node d: f32[1,4,1,5] = slice(x) axis=2 begin=0 end=1\nnode c: f32[1,8,5,5] = concat(x, d)\n"
    )]
    [InlineData("SUBP0203", 6, "4 channels in 3 groups in node 'c'", "node c: f32[1,4,5,5] = channel_shuffle(x) groups=3\n")]
    [InlineData("SUBP0204", 6, "1 inputs of concat in node 'c'", "node c: f32[1,4,5,5] = concat(x)\n")]
    [InlineData("SUBP0205", 6, "axis = 4 in node 'c'", "node c: f32[1,4,5,5] = slice(x) axis=4 begin=0 end=1\n")]
    [InlineData("SUBP0205", 6, "begin = -1 in node 'c'", "node c: f32[1,4,5,5] = slice(x) axis=1 begin=-1 end=1\n")]
    [InlineData("SUBP0205", 6, "end = 6 in node 'c'", "node c: f32[1,4,5,5] = slice(x) axis=3 begin=0 end=6\n")]
    [InlineData("SUBP0205", 6, "step = 0 in node 'c'", "node c: f32[1,4,5,5] = slice(x) axis=1 begin=0 end=1 step=0\n")]
    [InlineData("SUBP0205", 6, "pads = -1 in node 'c'", "node c: f32[1,4,5,5] = pad(x) pads=[0,0,-1,0]\n")]
    [InlineData(
        "SUBP0205",
        6,
        "overhang = 2 in node 'c'",
        "node c: f32[1] = avg_pool(x) kernel=[3,3] pads=[0,0,1,1] count_include_pad=1 overhang=[2,0]\n"
    )]
    [InlineData("SUBP0208", 6, "the shape [1,4,2147483647,5]", "node c: f32[1] = pad(x) pads=[2147483647,0,0,0]\n")]
    [InlineData("SUBP0206", 6, "24 output channels and N = 16 in layer 'q'", "param q: f32[24,4,3,3] sparse 1x16\n")]
    [InlineData("SUBP0207", 6, "1 groups", "param q: f32[8,4,3,3] sparse 1x4\n  group 0: 1\n")]
    [InlineData("SUBP0207", 7, "group 1", "param q: f32[8,4,3,3] sparse 1x4\n  group 1: 1\n")]
    [InlineData("SUBP0207", 8, "group 1", "param q: f32[8,4,3,3] sparse 1x8\n  group 0: 1\n  group 1: 1\n")]
    [InlineData("SUBP0207", 7, "input channel 4", "param q: f32[8,4,3,3] sparse 1x8\n  group 0: 1 4\n")]
    [InlineData("SUBP0207", 7, "input channel 1", "param q: f32[8,4,3,3] sparse 1x8\n  group 0: 1 1\n")]
    [InlineData("SUBP0207", 6, "a pattern for the shape [8] of 'q'", "param q: f32[8] sparse 1x8\n  group 0: 1\n")]
    [InlineData("SUBP0208", 6, "the shape [2147483647,2147483647]", "param q: f32[2147483647,2147483647]\n")]
    public void A_broken_rule_of_graphs_is_found_at_its_line(string id, int line, string found, string lines)
    {
        var diagnostic = Diagnose(Head + Weight + lines);
        Assert.Equal((id, found), (diagnostic.Descriptor.Id, diagnostic.Found));
        Assert.StartsWith($"m.subp({line},", diagnostic.Location);
    }

    [Fact]
    public void The_nearest_legal_block_length_is_suggested() =>
        Assert.Contains("N = 12", Diagnose(Head + "param q: f32[24,4,3,3] sparse 1x16\n").Action);

    [Theory]
    [InlineData("input y: f32[", 1_000_000, "1,", "1]\n")]
    [InlineData("model ", 1_000_000, "a", "\n")]
    [InlineData("model ", 1_000_000, "[", "\n")]
    [InlineData("node c: f32[1] = conv2d(", 300_000, "x,", "x)\n")]
    [InlineData("node c: f32[1] = relu(x) ", 100_000, "a=[", "\n")]
    [InlineData("", 50_000, "param \"", "\n")]
    [InlineData("param q: f32[536870911,1] sparse 1x1\n", 100_000, "group 0:\n", "")]
    [InlineData("param q: f32[536870909,1] sparse 1x268435453\n", 1, "", "")]
    [InlineData("param q: f32[2147483647,2147483647,2147483647,2147483647,2147483647,2147483647,2147483647,2147483647]\n", 1, "", "")]
    [InlineData(
        "node c: f32[1] = max_pool(x) kernel=[2147483647,2147483647] dilations=[2147483647,2147483647] pads=[",
        1,
        "2147483647,2147483647,",
        "2147483647,2147483647]\n"
    )]
    [InlineData("node c: f32[1] = conv2d(x) weight=w kernel=[3,3] pads=[", 1, "2147483647,2147483647,", "2147483647,2147483647]\n")]
    public void Hostile_text_ends_in_a_short_diagnostic_without_much_memory(string start, int count, string repeated, string end)
    {
        var text = Head + Weight + start + new StringBuilder().Insert(0, repeated, count) + end + "output x\n";
        var before = GC.GetAllocatedBytesForCurrentThread();
        var diagnostic = Diagnose(text);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, (200L * text.Length) + 2_000_000);
        Assert.InRange(diagnostic.ToString().Length, 1, 1000);
    }

    [Fact]
    public void Text_with_random_changes_parses_or_is_answered_with_a_diagnostic()
    {
        var whole = SubpPrinter.Print(SampleGraphs.Everything());
        whole = whole.Remove(whole.IndexOf("structure", StringComparison.Ordinal), 82);
        var random = new Random(11);
        const string Alphabet = "0123456789abcxyz =[](),:@\"\\#\n-+._f32é\0";
        for (var trial = 0; trial < 3000; trial++)
        {
            var changed = new StringBuilder(whole);
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                var place = random.Next(changed.Length);
                if (random.Next(3) == 0)
                    changed.Remove(place, random.Next(1, Math.Min(40, changed.Length - place)));
                else
                    changed[place] = Alphabet[random.Next(Alphabet.Length)];
            }

            var exception = Record.Exception(() => SubpPrinter.Print(SubpParser.Parse(changed.ToString(), "m.subp")));
            Assert.True(exception is null or SubpException, exception?.ToString());
        }
    }

    [Fact]
    public void Every_line_of_a_cut_file_is_a_diagnostic_or_a_smaller_graph()
    {
        var text = SubpPrinter.Print(SampleGraphs.Everything());
        for (var length = 0; length < text.Length; length += 7)
        {
            var exception = Record.Exception(() => SubpParser.Parse(text[..length], "m.subp"));
            Assert.IsType<SubpException>(exception);
        }
    }

    private static Diagnostic Diagnose(string text) => Assert.Throws<SubpException>(() => SubpParser.Parse(text, "m.subp")).Diagnostic;
}
