using Subp.Core.Diagnostics;
using Subp.Testing;
using Subp.Tooling.Files;

namespace Subp.Tooling.Tests.Files;

public sealed class OutputSetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Nothing_has_its_name_before_the_commit_and_everything_after()
    {
        using (var outputs = new OutputSet(force: false))
        {
            outputs.WriteFile(_folder["deep/a.txt"], "a");
            outputs.WriteFile(_folder["b.txt"], [1, 2]);
            Assert.False(File.Exists(_folder["deep/a.txt"]) || File.Exists(_folder["b.txt"]));
            outputs.Commit();
        }

        Assert.Equal("a", File.ReadAllText(_folder["deep/a.txt"]));
        Assert.Equal(["b.txt", "deep"], _folder.Names);
    }

    [Fact]
    public void A_set_that_is_not_committed_leaves_no_trace_and_no_new_folders()
    {
        using (var outputs = new OutputSet(force: false))
        {
            outputs.WriteFile(_folder["new/deep/a.txt"], "a");
            File.WriteAllText(Path.Combine(outputs.StageFolder(_folder["q"], "mark"), "mark"), "");
        }

        Assert.Empty(_folder.Names);
    }

    [Fact]
    public void A_commit_that_fails_in_the_middle_restores_what_it_had_replaced()
    {
        File.WriteAllText(_folder["first.txt"], "old");
        using (var outputs = new OutputSet(force: true))
        {
            outputs.WriteFile(_folder["first.txt"], "new");
            File.Delete(outputs.StageFile(_folder["second.txt"]));
            Assert.ThrowsAny<IOException>(outputs.Commit);
        }

        Assert.Equal("old", File.ReadAllText(_folder["first.txt"]));
        Assert.Equal(["first.txt"], _folder.Names);
    }

    [Fact]
    public void A_folder_is_replaced_only_with_force_and_with_its_mark()
    {
        Directory.CreateDirectory(_folder["q"]);
        File.WriteAllText(_folder["q/mark"], "");
        File.WriteAllText(_folder["q/old"], "");
        using (var careful = new OutputSet(force: false))
            Assert.Equal(
                "SUBP0802",
                Assert.Throws<SubpException>(() => careful.StageFolder(_folder["q"], "mark")).Diagnostic.Descriptor.Id
            );
        using (var foreign = new OutputSet(force: true))
            Assert.Equal(
                "SUBP0805",
                Assert.Throws<SubpException>(() => foreign.StageFolder(_folder["q"], "other")).Diagnostic.Descriptor.Id
            );
        using (var outputs = new OutputSet(force: true))
        {
            File.WriteAllText(Path.Combine(outputs.StageFolder(_folder["q"], "mark"), "mark"), "new");
            outputs.Commit();
        }

        Assert.Equal(["q"], _folder.Names);
        Assert.False(File.Exists(_folder["q/old"]));
        Assert.Equal("new", File.ReadAllText(_folder["q/mark"]));
    }
}
