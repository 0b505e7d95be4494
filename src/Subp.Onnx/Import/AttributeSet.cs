using System.Text;
using Subp.Core.Diagnostics;
using Subp.Onnx.Protos;
using Type = Subp.Onnx.Protos.AttributeProto.Types.AttributeType;

namespace Subp.Onnx.Import;

/// <summary>
/// The attributes of one node with checked types and ranges. An attribute that no getter asked for is reported at the end: to ignore what
/// changes the result would be a silent error.
/// </summary>
internal sealed class AttributeSet
{
    private readonly Dictionary<string, AttributeProto> _attributes = new(StringComparer.Ordinal);

    // Exporters before opset 6 wrote which inputs may be overwritten, and some went on to.
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal) { "consumed_inputs" };
    private readonly string _node;

    /// <summary>Indexes the attributes of a node.</summary>
    /// <exception cref="SubpException">An attribute is given twice or refers to a function's attribute.</exception>
    public AttributeSet(string nodeLabel, IEnumerable<AttributeProto> attributes)
    {
        _node = nodeLabel;
        foreach (var attribute in attributes)
        {
            if (!_attributes.TryAdd(attribute.Name, attribute))
                throw Invalid($"'{attribute.Name}' twice", "it once");
            if (attribute.RefAttrName.Length > 0)
                throw Invalid($"'{attribute.Name}' referring to '{attribute.RefAttrName}'", "a value");
        }
    }

    /// <summary>An integer attribute within a range.</summary>
    public int Integer(string name, int absent, int minimum = int.MinValue, int maximum = int.MaxValue)
    {
        var attribute = Find(name, Type.Int);
        return attribute is null ? absent : InRange(name, attribute.I, minimum, maximum);
    }

    /// <summary>A switch: 0 or 1.</summary>
    public bool Switch(string name, bool absent) => Integer(name, absent ? 1 : 0, 0, 1) != 0;

    /// <summary>A list of integers within a range, or null where absent.</summary>
    public int[]? Integers(string name, int minimum = int.MinValue, int maximum = int.MaxValue) =>
        Find(name, Type.Ints)?.Ints.Select(value => InRange(name, value, minimum, maximum)).ToArray();

    /// <summary>A list of integers of 64 bits, or null where absent.</summary>
    public long[]? LongIntegers(string name) => Find(name, Type.Ints)?.Ints.ToArray();

    /// <summary>A list of real numbers, or null where absent.</summary>
    public float[]? Reals(string name) => Find(name, Type.Floats)?.Floats.ToArray();

    /// <summary>A list of exactly <paramref name="count"/> integers within a range, or null where absent.</summary>
    public int[]? Integers(string name, int count, int minimum, int maximum)
    {
        var values = Integers(name, minimum, maximum);
        if (values is not null && values.Length != count)
            throw Invalid(
                FormattableString.Invariant($"'{name}' with {values.Length} integers"),
                FormattableString.Invariant($"{count} integers")
            );
        return values;
    }

    /// <summary>A real attribute, or its default.</summary>
    public float Real(string name, float absent) => Find(name, Type.Float)?.F ?? absent;

    /// <summary>A text attribute, or its default.</summary>
    public string Text(string name, string absent)
    {
        var attribute = Find(name, Type.String);
        return attribute is null ? absent : Encoding.UTF8.GetString(attribute.S.Span);
    }

    /// <summary>A list of texts, or null where absent.</summary>
    public string[]? Texts(string name) => Find(name, Type.Strings)?.Strings.Select(text => text.ToStringUtf8()).ToArray();

    /// <summary>An attribute of any type, or null; the caller looks at the type.</summary>
    public AttributeProto? Any(string name)
    {
        _asked.Add(name);
        return _attributes.GetValueOrDefault(name);
    }

    /// <summary>Marks attributes as known that do not change the result of inference.</summary>
    public void Ignore(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
            _asked.Add(name);
    }

    /// <summary>Reports an attribute that nobody asked for.</summary>
    /// <exception cref="SubpException">There is one.</exception>
    public void RejectOthers()
    {
        foreach (var name in _attributes.Keys.Where(name => !_asked.Contains(name)).Order(StringComparer.Ordinal))
            throw Invalid(
                $"the attribute '{name}'",
                _asked.Count == 1
                    ? "no attributes"
                    : $"only {string.Join(", ", _asked.Except(["consumed_inputs"]).Order(StringComparer.Ordinal))}"
            );
    }

    /// <summary>The exception for an attribute that is not valid.</summary>
    public SubpException Invalid(string found, string expected) => new(DiagnosticDescriptors.OnnxAttribute, _node, found, expected);

    private AttributeProto? Find(string name, Type type)
    {
        var attribute = Any(name);
        if (attribute is not null && attribute.Type != type)
            throw Invalid($"'{name}' of type {attribute.Type}", $"{type}");
        return attribute;
    }

    private int InRange(string name, long value, int minimum, int maximum)
    {
        if (value < minimum || value > maximum)
            throw Invalid(FormattableString.Invariant($"{name} = {value}"), FormattableString.Invariant($"{minimum} to {maximum}"));
        return (int)value;
    }
}
