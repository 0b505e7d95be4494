using System.Numerics;

namespace Subp.Training.Interchange.Pickle;

/// <summary>
/// What a pickle describes. Values refer to each other freely and may form cycles, so that nothing here compares, prints or walks itself.
/// </summary>
internal abstract class PickleValue
{
    /// <summary>What the value is, for messages.</summary>
    public abstract string Kind { get; }
}

/// <summary>None.</summary>
internal sealed class PickleNone : PickleValue
{
    public static readonly PickleNone Instance = new();

    public override string Kind => "None";
}

/// <summary>True or false.</summary>
internal sealed class PickleBoolean(bool value) : PickleValue
{
    public static readonly PickleBoolean True = new(true);
    public static readonly PickleBoolean False = new(false);

    public bool Value => value;

    public override string Kind => "a truth value";
}

/// <summary>An integer of any length.</summary>
internal sealed class PickleInteger(BigInteger value) : PickleValue
{
    public BigInteger Value => value;

    public override string Kind => "an integer";
}

/// <summary>A floating-point number.</summary>
internal sealed class PickleReal(double value) : PickleValue
{
    public double Value => value;

    public override string Kind => "a number";
}

/// <summary>Text.</summary>
internal sealed class PickleText(string value) : PickleValue
{
    public string Value => value;

    public override string Kind => "text";
}

/// <summary>A tuple.</summary>
internal sealed class PickleTuple(IReadOnlyList<PickleValue> items) : PickleValue
{
    public static readonly PickleTuple Empty = new([]);

    public IReadOnlyList<PickleValue> Items => items;

    public override string Kind => "a tuple";
}

/// <summary>A list, which grows while the pickle runs.</summary>
internal sealed class PickleList : PickleValue
{
    private List<PickleValue>? _items;

    public IReadOnlyList<PickleValue> Items => _items is null ? [] : _items;

    public override string Kind => "a list";

    public void Add(PickleValue item) => (_items ??= []).Add(item);
}

/// <summary>A dictionary or an ordered dictionary, which grows while the pickle runs; equal keys are not merged.</summary>
internal sealed class PickleDictionary : PickleValue
{
    private List<KeyValuePair<PickleValue, PickleValue>>? _entries;

    public IReadOnlyList<KeyValuePair<PickleValue, PickleValue>> Entries => _entries is null ? [] : _entries;

    public override string Kind => "a dictionary";

    public void Add(PickleValue key, PickleValue value) => (_entries ??= []).Add(new(key, value));
}

/// <summary>The name of a class or function. It is only ever compared with a list of known names.</summary>
/// <param name="name">Module and name, joined with a dot.</param>
/// <param name="position">Where the pickle names it, in bytes from its start.</param>
internal sealed class PickleGlobal(string name, long position) : PickleValue
{
    public string Name => name;

    public long Position => position;

    public override string Kind => $"the name '{name}'";
}
