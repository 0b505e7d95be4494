using System.Globalization;
using Subp.Core.Diagnostics;
using Subp.Core.Operators;

namespace Subp.Core.Text;

/// <summary>
/// The attributes behind a node, read as far as the grammar goes and then handed out to the operator by key. What the operator did not ask
/// for is an error. The instance is used up before the scanner leaves the line.
/// </summary>
internal sealed class AttributeParser : IAttributeReader
{
    // The indices of a gather are the longest lists there are.
    private const int LongestList = 1 << 16;

    private readonly SubpScanner _scanner;
    private readonly string _mnemonic;
    private readonly Dictionary<string, Attribute> _attributes = new(StringComparer.Ordinal);
    private readonly List<string> _asked = [];

    public AttributeParser(SubpScanner scanner, string mnemonic)
    {
        _scanner = scanner;
        _mnemonic = mnemonic;
        while (!scanner.AtEnd)
        {
            var column = scanner.Column;
            var key = scanner.Name("an attribute");
            scanner.Expect('=');
            if (_attributes.ContainsKey(key))
                throw Invalid(column, $"a second {SubpScanner.Quote(key)}", "each attribute once");
            _attributes[key] = Value(column);
        }
    }

    public string Parameter(string role) => OptionalParameter(role) ?? throw Missing(role, "the name of a parameter");

    public string? OptionalParameter(string role)
    {
        if (Find(role) is not { } attribute)
            return null;
        if (attribute.Quoted is { Length: > 0 } quoted)
            return quoted;
        return attribute.Word is not null && SubpCharacters.IsPlainName(attribute.Word)
            ? attribute.Word
            : throw Invalid(attribute.Column, $"{role}={attribute}", "the name of a parameter");
    }

    public int Integer(string key, int absent) =>
        Find(key) is { } attribute ? ToInteger(key, attribute.Column, attribute.Word, attribute) : absent;

    public int Integer(string key) =>
        Find(key) is { } attribute ? ToInteger(key, attribute.Column, attribute.Word, attribute) : throw Missing(key, "an integer");

    public int[]? Integers(string key, int count)
    {
        if (Find(key) is not { } attribute)
            return null;
        if (attribute.Items is null || attribute.Items.Count != count)
            throw Invalid(
                attribute.Column,
                $"{key}={attribute}",
                string.Format(CultureInfo.InvariantCulture, "a list of {0} integers", count)
            );
        return [.. attribute.Items.Select(item => ToInteger(key, attribute.Column, item, attribute))];
    }

    public int[] Integers(string key) => OptionalIntegers(key) ?? throw Missing(key, "a list of integers");

    public int[]? OptionalIntegers(string key)
    {
        if (Find(key) is not { } attribute)
            return null;
        return attribute.Items is null
            ? throw Invalid(attribute.Column, $"{key}={attribute}", "a list of integers")
            : [.. attribute.Items.Select(item => ToInteger(key, attribute.Column, item, attribute))];
    }

    public float[]? OptionalReals(string key)
    {
        if (Find(key) is not { } attribute)
            return null;
        return attribute.Items is null
            ? throw Invalid(attribute.Column, $"{key}={attribute}", "a list of numbers")
            : [.. attribute.Items.Select(item => ToReal(key, attribute.Column, item, attribute))];
    }

    public float Real(string key, float absent)
    {
        if (Find(key) is not { } attribute)
            return absent;
        return ToReal(key, attribute.Column, attribute.Word, attribute);
    }

    public string? Word(string key, IReadOnlyList<string> allowed)
    {
        if (Find(key) is not { } attribute)
            return null;
        return attribute.Word is not null && allowed.Contains(attribute.Word)
            ? attribute.Word
            : throw Invalid(attribute.Column, $"{key}={attribute}", "one of " + string.Join(", ", allowed));
    }

    /// <summary>Refuses attributes that the operator did not ask for.</summary>
    public void RequireAllUsed()
    {
        var unknown = _attributes
            .Where(attribute => !_asked.Contains(attribute.Key))
            .OrderBy(attribute => attribute.Value.Column)
            .ToArray();
        if (unknown.Length == 0)
            return;
        var action = _asked.Count == 0 ? $"{_mnemonic} has no attributes." : Spelling.Suggest(unknown[0].Key, _asked);
        throw Invalid(unknown[0].Value.Column, SubpScanner.Quote(unknown[0].Key), $"an attribute of {_mnemonic}", action);
    }

    private Attribute Value(int column)
    {
        if (_scanner.IsAt('"'))
            return new Attribute(column, null, _scanner.Quoted("a string"), null);
        return _scanner.IsAt('[')
            ? new Attribute(column, null, null, _scanner.Items(() => _scanner.Word("an integer"), LongestList))
            : new Attribute(column, _scanner.Word("a value"), null, null);
    }

    private Attribute? Find(string key)
    {
        _asked.Add(key);
        return _attributes.TryGetValue(key, out var attribute) ? attribute : null;
    }

    private int ToInteger(string key, int column, string? word, Attribute whole) =>
        int.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw Invalid(column, $"{key}={whole}", "integers of 32 bits");

    private float ToReal(string key, int column, string? word, Attribute whole) =>
        word is not null && FloatText.TryParse(word, out var value) ? value : throw Invalid(column, $"{key}={whole}", "a number");

    private SubpException Missing(string key, string expected) =>
        Invalid(_scanner.Column, $"{_mnemonic} without '{key}'", $"{key}= and {expected}");

    private SubpException Invalid(int column, string found, string expected, string action = "") =>
        new(DiagnosticDescriptors.InvalidAttribute, _scanner.LocationAt(column), found, expected, action);

    // One of the three is set: a bare word, a quoted string, or a list.
    private sealed record Attribute(int Column, string? Word, string? Quoted, List<string>? Items)
    {
        public override string ToString() => SubpScanner.Quote(Word ?? Quoted ?? "[" + string.Join(",", Items!) + "]");
    }
}
