using Subp.Benchmarks.Peers.Reporting;

namespace Subp.Benchmarks.Tests.Peers;

public sealed class SectionTests
{
    [Fact]
    public void Long_notes_are_wrapped_between_words()
    {
        var note = string.Join(' ', Enumerable.Repeat("measured", 40));
        var lines = new Section("Networks", [note], [], []).ToString().Split('\n');
        Assert.All(lines, line => Assert.InRange(line.Length, 0, 150));
        Assert.Equal(note, string.Join(' ', lines.Skip(2)).TrimEnd());
    }
}
