using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;

namespace Subp.Core.Text;

/// <summary>
/// Reads .subp text. The first line is the version; the others may come in any order as long as every name is defined before it is used.
/// Every complaint names file, line and column. Memory stays a small multiple of the text, whatever the text claims.
/// </summary>
public sealed class SubpParser
{
    private const int LongestList = 4096;
    private const string HashPrefix = "sha256:";

    private static readonly string[] Keywords =
    [
        "model",
        "structure",
        "weights",
        "classes",
        "normalize",
        "input",
        "param",
        "node",
        "output",
        "hint",
    ];

    private readonly SubpScanner _scanner;
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly HashSet<string> _hinted = new(StringComparer.Ordinal);
    private readonly GraphBuilder _builder = new("");
    private readonly PlanHints.Builder _hints = PlanHints.Create();
    private string? _model;
    private string? _weightsHash;
    private string? _structureHash;
    private string _structureLocation = "";

    private SubpParser(string text, string fileName) => _scanner = new SubpScanner(text, fileName);

    /// <summary>Parses and verifies a document.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="fileName">The name of the file for messages, as the user gave it.</param>
    /// <exception cref="SubpException">The text breaks the grammar or a rule of graphs, or the structure does not have the hash it
    /// claims.</exception>
    public static SubpDocument Parse(string text, string fileName) => new SubpParser(text, fileName).Document();

    private SubpDocument Document()
    {
        if (!_scanner.NextLine())
            throw _scanner.ErrorAt(1, "an empty file", FormattableString.Invariant($"'subp {SubpPrinter.Version}' in the first line"));
        VersionLine();
        var more = _scanner.NextLine();
        while (more)
            more = ContentLine();

        if (_model is null)
            throw _scanner.ErrorAt(1, "no model line", "'model' and the name of the network");
        var end = _scanner.LocationAt(1);
        var graph = _builder.Build().With(name: _model);
        Located(end, () => GraphVerifier.Verify(graph));
        if (_structureHash is not null && StructureHash.Compute(graph) is var actual && actual != _structureHash)
            throw new SubpException(
                DiagnosticDescriptors.StructureHashMismatch,
                _structureLocation,
                $"a structure of {HashPrefix}{actual}",
                HashPrefix + _structureHash,
                "Undo the change, or remove the structure line if the change is meant; weights of the old structure will be refused."
            );
        return new SubpDocument(graph, _weightsHash, _hints.Build());
    }

    private void VersionLine()
    {
        _scanner.ExpectWord("subp");
        var location = _scanner.Location;
        var version = _scanner.Integer("the version of the text form");
        if (version != SubpPrinter.Version)
            throw new SubpException(
                DiagnosticDescriptors.SubpVersion,
                location,
                FormattableString.Invariant($"version {version}"),
                FormattableString.Invariant($"version {SubpPrinter.Version}"),
                "Read the file with the release of this tool that wrote it."
            );
        _scanner.ExpectEnd();
    }

    // Returns whether there is another line; only a parameter looks ahead, for the groups of its pattern.
    private bool ContentLine()
    {
        var column = _scanner.Column;
        var keyword = _scanner.Name("a keyword");
        switch (keyword)
        {
            case "model":
                Once(column, keyword);
                _model = _scanner.Name("the name of the network");
                break;
            case "structure":
                Once(column, keyword);
                (_structureLocation, _structureHash) = (_scanner.Location, Hash());
                break;
            case "weights":
                Once(column, keyword);
                _weightsHash = Hash();
                break;
            case "classes":
                Once(column, keyword);
                Classes();
                break;
            case "normalize":
                Once(column, keyword);
                Normalize();
                break;
            case "input":
                Input(column);
                break;
            case "param":
                return Parameter(column);
            case "node":
                Node(column);
                break;
            case "output":
                Output();
                break;
            case "hint":
                Hint();
                break;
            default:
                throw new SubpException(
                    DiagnosticDescriptors.SubpSyntax,
                    _scanner.LocationAt(column),
                    SubpScanner.Quote(keyword),
                    "a keyword",
                    Spelling.Suggest(keyword, Keywords)
                );
        }

        _scanner.ExpectEnd();
        return _scanner.NextLine();
    }

    private void Once(int column, string keyword)
    {
        if (!_seen.Add(keyword))
            throw _scanner.ErrorAt(column, $"a second '{keyword}'", "one");
    }

    private string Hash()
    {
        const string Expected = "sha256: and 64 lower-case hex digits";
        var column = _scanner.Column;
        _scanner.ExpectWord("sha256");
        _scanner.Expect(':');
        var digits = _scanner.Word(Expected);
        return digits.Length == 64 && digits.All(digit => digit is (>= '0' and <= '9') or (>= 'a' and <= 'f'))
            ? digits
            : throw _scanner.ErrorAt(column, SubpScanner.Quote(HashPrefix + digits), Expected);
    }

    private void Classes()
    {
        var names = new List<string>();
        do names.Add(_scanner.Quoted("a class name in quotes"));
        while (!_scanner.AtEnd);
        _builder.Metadata = _builder.Metadata with { ClassNames = names };
    }

    private void Normalize()
    {
        _scanner.ExpectWord("mean");
        var mean = _scanner.Items(Number, LongestList);
        _scanner.ExpectWord("deviation");
        var deviation = _scanner.Items(Number, LongestList);
        _builder.Metadata = _builder.Metadata with { NormalizationMean = mean, NormalizationDeviation = deviation };
    }

    private float Number()
    {
        var column = _scanner.Column;
        var word = _scanner.Word("a number");
        return FloatText.TryParse(word, out var number) ? number : throw _scanner.ErrorAt(column, SubpScanner.Quote(word), "a number");
    }

    private void Input(int column)
    {
        var name = _scanner.Name("the name of the input");
        var (type, shape) = (ValueType(), Shape());
        Located(_scanner.LocationAt(column), () => _builder.Input(name, shape, type));
    }

    private bool Parameter(int column)
    {
        var location = _scanner.LocationAt(column);
        var name = _scanner.Name("the name of the parameter");
        var (element, shape, bits) = (Element(), Shape(), Bits());
        BlockPattern? pattern = null;
        var more = false;
        if (_scanner.AtEnd)
        {
            more = _scanner.NextLine();
        }
        else
        {
            _scanner.ExpectWord("sparse");
            more = PatternParser.Parse(_scanner, name, shape, location, out pattern);
        }

        Located(location, () => _builder.Parameter(new Parameter(name, shape, pattern) { Element = element, Bits = bits }));
        return more;
    }

    private int? Bits()
    {
        if (!_scanner.StartsWith("bits"))
            return null;
        _scanner.ExpectWord("bits");
        return _scanner.Integer("a number of bits from 2 to 8");
    }

    private void Node(int column)
    {
        var location = _scanner.LocationAt(column);
        var name = _scanner.Name("the name of the node");
        var (type, shape) = (ValueType(), Shape());
        var layout = _scanner.Take('@') ? LayoutWord() : Layout.Nchw;
        _scanner.Expect('=');
        var operatorColumn = _scanner.Column;
        var mnemonic = _scanner.Name("an operator");
        var reader =
            OperatorRegistry.FindReader(mnemonic)
            ?? throw new SubpException(
                DiagnosticDescriptors.UnknownOperator,
                _scanner.LocationAt(operatorColumn),
                SubpScanner.Quote(mnemonic),
                "an operator of this version",
                Spelling.Suggest(mnemonic, OperatorRegistry.Mnemonics)
            );
        var inputs = Inputs();
        var attributes = new AttributeParser(_scanner, mnemonic);
        var @operator = reader(attributes);
        attributes.RequireAllUsed();
        Located(location, () => _builder.Node(name, @operator, inputs, layout, type));
        if (!_builder.ShapeOf(name).Equals(shape))
            throw new SubpException(
                DiagnosticDescriptors.ShapeMismatch,
                location,
                $"the declared shape {shape} of node '{name}'",
                $"{_builder.ShapeOf(name)}"
            );
    }

    private Layout LayoutWord()
    {
        var column = _scanner.Column;
        var word = _scanner.Name("a layout");
        return LayoutText.Read(word) ?? throw _scanner.ErrorAt(column, SubpScanner.Quote("@" + word), "@planar, @blocked16 or @dense");
    }

    private List<string> Inputs()
    {
        _scanner.Expect('(');
        var inputs = new List<string>();
        if (_scanner.Take(')'))
            return inputs;
        do inputs.Add(_scanner.Name("the name of a value"));
        while (_scanner.Take(','));
        _scanner.Expect(')', "',' or ')'");
        return inputs;
    }

    private void Output()
    {
        var location = _scanner.Location;
        var name = _scanner.Name("the name of a value");
        if (!_seen.Add("output " + name))
            throw new SubpException(DiagnosticDescriptors.DuplicateName, location, $"a second output '{name}'", "each output once");
        Located(location, () => _builder.Output(name));
    }

    private void Hint()
    {
        var column = _scanner.Column;
        var node = _scanner.Name("the name of a node");
        if (!_hinted.Add(node))
            throw _scanner.ErrorAt(column, $"a second hint line for {SubpScanner.Quote(node)}", "all hints of a node on one line");
        var keys = new HashSet<string>(StringComparer.Ordinal);
        do
        {
            column = _scanner.Column;
            var key = _scanner.IsAt('"') ? throw _scanner.Error("a plain key") : _scanner.Name("key=word");
            _scanner.Expect('=');
            if (!keys.Add(key))
                throw _scanner.ErrorAt(column, $"a second {SubpScanner.Quote(key)}", "each key once");
            _hints.Add(node, key, _scanner.Word("a word"));
        } while (!_scanner.AtEnd);
    }

    private TensorType ValueType()
    {
        _scanner.Expect(':');
        if (!_scanner.StartsWith("u8"))
        {
            _scanner.ExpectWord("f32");
            return TensorType.Float32;
        }

        _scanner.ExpectWord("u8");
        var location = _scanner.Location;
        _scanner.Expect('(', "the scale and the zero point in parentheses");
        var scale = Number();
        _scanner.Expect(',');
        var zeroPoint = _scanner.Integer("a zero point from 0 to 255");
        _scanner.Expect(')');
        TensorType? type = null;
        Located(location, () => type = new TensorType(new Quantization(scale, zeroPoint)));
        return type!;
    }

    private ElementType Element()
    {
        _scanner.Expect(':');
        foreach (ElementType element in Enum.GetValues(typeof(ElementType)))
        {
            if (!_scanner.StartsWith(ElementTypes.Word(element)))
                continue;
            _scanner.ExpectWord(ElementTypes.Word(element));
            return element;
        }

        _scanner.ExpectWord("f32");
        return ElementType.Float32;
    }

    private TensorShape Shape()
    {
        var location = _scanner.Location;
        var dimensions = _scanner.Items(() => _scanner.Integer("a dimension from 1 to 2147483647"), TensorShape.MaximumRank);
        TensorShape? shape = null;
        Located(location, () => shape = new TensorShape([.. dimensions]));
        return shape!;
    }

    private static void Located(string location, Action action)
    {
        try
        {
            action();
        }
        catch (SubpException exception)
        {
            throw SubpScanner.Located(location, exception);
        }
    }
}
