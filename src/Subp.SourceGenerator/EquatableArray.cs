using System.Collections;

namespace Subp.SourceGenerator;

/// <summary>
/// An immutable list that equals another one with equal elements, which is what the steps of a pipeline are compared by. A class, since
/// Roslyn holds compiled code of its steps for all classes, but would have to compile some 300 methods anew for a struct of ours before the
/// first model is out.
/// </summary>
internal sealed class EquatableArray<T>(IEnumerable<T> items) : IEquatable<EquatableArray<T>>, IReadOnlyList<T>
    where T : class, IEquatable<T>
{
    private readonly T[] _items = items.ToArray();

    /// <summary>The list without elements.</summary>
    public static EquatableArray<T> Empty { get; } = new([]);

    /// <inheritdoc/>
    public int Count => _items.Length;

    /// <inheritdoc/>
    public T this[int index] => _items[index];

    /// <inheritdoc/>
    public bool Equals(EquatableArray<T>? other)
    {
        if (ReferenceEquals(this, other))
            return true;
        if (other is null || other.Count != Count)
            return false;
        for (var index = 0; index < Count; index++)
        {
            if (!_items[index].Equals(other._items[index]))
                return false;
        }

        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as EquatableArray<T>);

    /// <inheritdoc/>
    public override int GetHashCode() => Count == 0 ? 0 : unchecked((Count * 31) + _items[0].GetHashCode());

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)_items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
