using System.Globalization;
using System.Runtime.CompilerServices;

namespace Subp.Compiler;

/// <summary>
/// Interpolated strings with the values in the invariant culture, like <see cref="FormattableString.Invariant"/>, but without a format to
/// parse and without boxed numbers: a large network has some hundred thousand of them, and a design-time build waits for each.
/// </summary>
internal static class InvariantText
{
    // Most numbers of emitted text are indices of registers; one string each is enough.
    private static readonly string?[] s_small = new string?[256];

    /// <summary>The text.</summary>
    public static string Invariant(Parts text) => text.ToString();

    /// <summary>A number in the invariant culture.</summary>
    public static string Number(long value) =>
        value >= 0 && value < s_small.Length
            ? s_small[value] ??= value.ToString(CultureInfo.InvariantCulture)
            : value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Any other value in the invariant culture.</summary>
    public static string? Other(object? value) =>
        value is IFormattable formattable ? formattable.ToString(null, CultureInfo.InvariantCulture) : value?.ToString();

    /// <summary>The pieces of an interpolated string, joined once.</summary>
    [InterpolatedStringHandler]
    public ref struct Parts(int literalLength, int formattedCount)
    {
        private string?[] _parts = literalLength == 0 ? new string?[formattedCount] : new string?[(2 * formattedCount) + 1];
        private int _count;

        /// <summary>A piece of the text itself.</summary>
        public void AppendLiteral(string value) => Append(value);

        /// <summary>A string.</summary>
        public void AppendFormatted(string? value) => Append(value);

        /// <summary>A number.</summary>
        public void AppendFormatted(int value) => Append(Number(value));

        /// <summary>A number.</summary>
        public void AppendFormatted(long value) => Append(Number(value));

        /// <summary>Any other value.</summary>
        public void AppendFormatted(object? value) => Append(Other(value));

        /// <inheritdoc/>
        public override readonly string ToString() => string.Concat(_parts);

        private void Append(string? part)
        {
            // The first size is that of one literal; strings added to each other bring literals that follow literals.
            if (_count == _parts.Length)
                Array.Resize(ref _parts, (2 * _parts.Length) + 1);
            _parts[_count++] = part;
        }
    }
}
