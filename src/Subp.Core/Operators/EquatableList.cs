using System.Collections;

namespace Subp.Core.Operators;

/// <summary>An immutable list that equals every other with the same items, so that records of attributes compare by value.</summary>
/// <typeparam name="T">The type of the items.</typeparam>
public sealed class EquatableList<T> : IReadOnlyList<T>, IEquatable<EquatableList<T>>
    where T : struct
{
    /// <summary>No items.</summary>
    public static readonly EquatableList<T> Empty = new([]);

    private readonly T[] _items;

    /// <summary>Copies the items.</summary>
    public EquatableList(IEnumerable<T> items) => _items = [.. items];

    /// <inheritdoc/>
    public int Count => _items.Length;

    /// <inheritdoc/>
    public T this[int index] => _items[index];

    /// <summary>Copies the items of an array.</summary>
    public static implicit operator EquatableList<T>(T[] items) => new(items);

    /// <inheritdoc/>
    public bool Equals(EquatableList<T>? other) => other is not null && _items.SequenceEqual(other._items);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as EquatableList<T>);

    /// <inheritdoc/>
    public override int GetHashCode() => _items.Aggregate(17, (hash, item) => unchecked((hash * 31) + item.GetHashCode()));

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)_items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
