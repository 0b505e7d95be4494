using Subp.Testing;
using Xunit;
using Xunit.Sdk;

namespace Subp.Core.Tests.Testing;

public sealed class SnapshotTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    [Fact]
    public void A_new_text_fails_and_leaves_a_received_file_until_it_is_approved()
    {
        var caller = Path.Combine(_folder, "SomeTests.cs");
        var stem = Path.Combine(_folder, "_snapshots", "SomeTests.name");
        Assert.Throws<FailException>(() => Snapshot.Verify("a\r\nb\n", "name", "cs", caller));
        Assert.Equal("a\nb\n", File.ReadAllText(stem + ".received.cs"));

        File.Move(stem + ".received.cs", stem + ".verified.cs");
        Snapshot.Verify("a\nb\n", "name", "cs", caller);
        var failure = Assert.Throws<FailException>(() => Snapshot.Verify("a\nc\n", "name", "cs", caller));
        Assert.Contains("\n a\n-b\n+c\n", failure.Message, StringComparison.Ordinal);
        Snapshot.Verify("a\nb\n", "name", "cs", caller);
        Assert.False(File.Exists(stem + ".received.cs"));
    }

    [Fact]
    public void The_version_of_the_tool_is_scrubbed_and_other_numbers_stay()
    {
        var version = typeof(Core.Graphs.Graph).Assembly.GetName().Version!.ToString(3);
        var caller = Path.Combine(_folder, "SomeTests.cs");
        Assert.Throws<FailException>(() => Snapshot.Verify($"subp {version}. 1{version} {version}.4", "version", "txt", caller));
        Assert.Equal(
            $"subp {{version}}. 1{version} {version}.4",
            File.ReadAllText(Path.Combine(_folder, "_snapshots", "SomeTests.version.received.txt"))
        );
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
