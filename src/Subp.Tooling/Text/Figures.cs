using System.Globalization;

namespace Subp.Tooling.Text;

/// <summary>Numbers as people read them, the same in every culture.</summary>
internal static class Figures
{
    /// <summary>A fixed number of decimals.</summary>
    public static string Fixed(double value, int decimals) =>
        value.ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    /// <summary>A share as per cent.</summary>
    public static string Percent(double share, int decimals = 1) => Fixed(share * 100, decimals) + " %";

    /// <summary>A difference of shares in points, with its sign.</summary>
    public static string Points(double difference) => (difference < 0 ? "" : "+") + Fixed(difference * 100, 2) + " points";

    /// <summary>A count with a thin grouping: 1,234,567.</summary>
    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A count in millions or thousands: 12.3 M.</summary>
    public static string Short(double value) =>
        value switch
        {
            >= 1e9 => Fixed(value / 1e9, 2) + " G",
            >= 1e6 => Fixed(value / 1e6, 2) + " M",
            >= 1e3 => Fixed(value / 1e3, 1) + " k",
            _ => Fixed(value, 0),
        };

    /// <summary>A size in bytes, KB or MB, of 1024 each.</summary>
    public static string Bytes(long bytes) =>
        bytes switch
        {
            >= 1 << 20 => Fixed(bytes / 1048576.0, 2) + " MB",
            >= 1 << 10 => Fixed(bytes / 1024.0, 1) + " KB",
            _ => Count(bytes) + " B",
        };

    /// <summary>A small number with two significant digits: 3.1e-06.</summary>
    public static string Scientific(double value) => value.ToString("0.0e-00", CultureInfo.InvariantCulture);

    /// <summary>Microseconds with one decimal below a thousand and none above.</summary>
    public static string Microseconds(double microseconds) => Fixed(microseconds, microseconds < 1000 ? 1 : 0);

    /// <summary>Seconds with one decimal, or minutes and seconds.</summary>
    public static string Duration(TimeSpan time) =>
        time.TotalSeconds < 60
            ? Fixed(time.TotalSeconds, 1) + " s"
            : string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes} min {time.Seconds:00} s");

    /// <summary>Numbers with commas between: 1,2,4.</summary>
    public static string List(IEnumerable<int> values) =>
        string.Join(",", values.Select(value => value.ToString(CultureInfo.InvariantCulture)));
}
