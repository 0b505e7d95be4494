namespace WebApi.Lifetime;

/// <summary>Whether the server has begun to stop.</summary>
public sealed class DrainState
{
    private volatile bool _draining;

    /// <summary>True from the first moment of the shutdown.</summary>
    public bool Draining => _draining;

    /// <summary>The shutdown has begun.</summary>
    public void Begin() => _draining = true;
}
