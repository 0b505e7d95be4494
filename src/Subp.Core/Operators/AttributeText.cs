namespace Subp.Core.Operators;

/// <summary>Receives the attributes of an operator in their fixed order.</summary>
public interface IAttributeWriter
{
    /// <summary>An integer attribute.</summary>
    void Write(string key, int value);

    /// <summary>A list of integers.</summary>
    void Write(string key, params int[] values);

    /// <summary>A real attribute.</summary>
    void Write(string key, float value);

    /// <summary>A list of real numbers.</summary>
    void WriteReals(string key, IReadOnlyList<float> values);

    /// <summary>A word from a fixed set, or a true/false switch written as 1 or 0.</summary>
    void Write(string key, string word);
}

/// <summary>
/// Gives an operator the attributes found in the text. Every getter reports a malformed or missing attribute at its place in the text.
/// </summary>
public interface IAttributeReader
{
    /// <summary>The parameter name given for a role; it must be there.</summary>
    string Parameter(string role);

    /// <summary>The parameter name given for a role, or null.</summary>
    string? OptionalParameter(string role);

    /// <summary>An integer attribute, or its default where absent.</summary>
    int Integer(string key, int absent);

    /// <summary>An integer attribute that must be there.</summary>
    int Integer(string key);

    /// <summary>A list of exactly <paramref name="count"/> integers, or null where absent.</summary>
    int[]? Integers(string key, int count);

    /// <summary>A list of any number of integers that must be there.</summary>
    int[] Integers(string key);

    /// <summary>A list of any number of integers, or null where absent.</summary>
    int[]? OptionalIntegers(string key);

    /// <summary>A list of any number of real numbers, or null where absent.</summary>
    float[]? OptionalReals(string key);

    /// <summary>A real attribute, or its default where absent.</summary>
    float Real(string key, float absent);

    /// <summary>One of the given words, or null where absent.</summary>
    string? Word(string key, IReadOnlyList<string> allowed);
}
